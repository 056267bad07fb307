//! What was found in files, as it is shown: what can be used of each account, and what is left out and said.

use countersign_model::{Notes, SiteAddress, Tag, Username};
use countersign_otp::OtpSecret;
use countersign_transfer::{Account, ImportRefusal, Item};

use super::known::Addition;
use super::report::{ImportItem, ImportState};
use crate::credentials::create::check_password;

/// Tags of one account; whoever imports adds others, and a credential has 32 at the most.
pub(super) const MOST_TAGS: usize = 16;

impl ImportItem {
    /// What was found, as it is shown: new as far as is known yet, or refused with the reason. With the account, if there is
    /// one that can be used.
    pub(super) fn read(item: Item, leave_out_notes: bool) -> (Self, Option<Account>) {
        let mut shown = Self {
            place: item.place.to_string(),
            name: String::new(),
            username: String::new(),
            issuer: None,
            site: None,
            has_password: false,
            has_notes: false,
            second_factor: None,
            tags: Vec::new(),
            warnings: Vec::new(),
            state: ImportState::New,
        };
        let mut account = match item.outcome {
            Ok(account) => account,
            Err(refusal) => {
                shown.state = ImportState::Refused(refusal.to_string());
                return (shown, None);
            }
        };
        shown.name.clone_from(&account.name);
        shown.username.clone_from(&account.account);
        shown.issuer.clone_from(&account.issuer);
        shown.warnings = std::mem::take(&mut account.warnings);
        shown.take_site(&account);
        shown.take_tags(&account);
        if account.password.as_ref().is_some_and(|password| check_password(password).is_err()) {
            shown
                .warnings
                .push("its password is longer than any site takes, or cannot be typed: it is left out".to_owned());
            account.password = None;
        }
        if let Err(invalid) = Username::parse(&account.account) {
            shown.state = ImportState::Refused(invalid.to_string());
            return (shown, None);
        }
        if leave_out_notes {
            account.notes.clear();
        }
        if let Err(invalid) = Notes::parse(&account.notes) {
            shown.warnings.push(format!("its notes are left out: the text {}", invalid.problem));
            account.notes.clear();
        }
        shown.has_notes = !account.notes.trim().is_empty();
        shown.has_password = account.password.is_some();
        shown.second_factor = account.secret.as_ref().map(OtpSecret::second_factor);
        if account.password.is_none() && account.secret.is_none() {
            shown.state = ImportState::Refused("it has neither a password nor a setup key".to_owned());
            return (shown, None);
        }
        (shown, Some(account))
    }

    /// What cannot be a site is left out and said: an app's own address, a page without a host.
    fn take_site(&mut self, account: &Account) {
        let Some(text) = account.site.as_ref().filter(|text| !text.trim().is_empty()) else { return };
        match SiteAddress::parse(text).and_then(|site| site.check_tls().map(|()| site)) {
            Ok(site) => self.site = Some(site),
            Err(invalid) => self.warnings.push(format!("its site is left out, because it {}", invalid.problem)),
        }
    }

    /// What is there already stays, and what was brought beside it is not dropped in silence.
    pub(super) fn tell_of_left_out(&mut self, addition: &Addition) {
        for (leaves, what) in [(addition.leaves_site, "site is"), (addition.leaves_notes, "note is")] {
            if leaves {
                self.warnings.push(format!("its {what} left out, because \"{}\" has another", addition.name));
            }
        }
    }

    fn take_tags(&mut self, account: &Account) {
        let mut refused = 0;
        for text in &account.tags {
            match Tag::parse(text) {
                Ok(tag) if self.tags.len() < MOST_TAGS => self.tags.push(tag),
                _ => refused += 1,
            }
        }
        if refused > 0 {
            self.warnings
                .push(format!("{refused} of its folders and tags are left out: too many, too long or not to be shown"));
        }
    }
}

/// Files that are encrypted and were not opened, each once.
pub(super) fn locked_files(items: &[Item]) -> Vec<String> {
    let locked = |item: &&Item| item.outcome.as_ref().is_err_and(ImportRefusal::asks_for_password);
    let mut names: Vec<String> = items.iter().filter(locked).map(|item| item.place.file_name().to_owned()).collect();
    names.dedup();
    names
}
