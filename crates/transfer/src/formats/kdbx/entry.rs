//! The account that an entry of the database becomes.

use std::collections::HashMap;

use data_encoding::HEXLOWER_PERMISSIVE;

use super::otp;
use super::tree::{Entry, Group};
use crate::ReadError;
use crate::formats::login::{Login, count};
use crate::formats::{Found, Hidden};
use crate::item::ImportRefusal;

/// Gives every entry that does not lie in the recycle bin.
pub(super) fn give_all(entries: &[Entry], groups: &[Group], found: &mut dyn Found) -> Result<(), ReadError> {
    let by_uuid: HashMap<[u8; 16], usize> =
        (0..).zip(entries).filter_map(|(place, entry)| Some((entry.uuid?, place))).collect();
    let all = References { entries, by_uuid };
    for (number, entry) in (1..).zip(entries) {
        let path = path(entry.group, groups);
        if path.iter().any(|group| group.is_recycle_bin) {
            found.left_out("deleted items");
            continue;
        }
        match login(entry, &path, &all, found) {
            Ok(login) => login.give(number, found)?,
            Err(refusal) => found.entry(number, Err(refusal))?,
        }
    }
    Ok(())
}

/// The groups around an entry, outermost first, without the one that is the database itself.
fn path(group: Option<usize>, groups: &[Group]) -> Vec<&Group> {
    let mut path: Vec<&Group> =
        std::iter::successors(group.and_then(|group| groups.get(group)), |group| groups.get(group.around?)).collect();
    path.pop();
    path.reverse();
    path
}

fn login(entry: &Entry, path: &[&Group], all: &References<'_>, found: &mut dyn Found) -> Result<Login, ImportRefusal> {
    let mut login = Login {
        name: all.follow(entry.text("Title"), "title")?.to_owned(),
        user: all.follow(entry.text("UserName"), "user name")?.to_owned(),
        password: Some(Hidden::from(all.follow(entry.text("Password"), "password")?.to_owned())),
        notes: entry.text("Notes").to_owned(),
        ..Login::default()
    };
    path.iter().for_each(|group| login.add_tag(&group.name));
    login.add_path(&entry.tags, &[',', ';']);
    login.add_site(all.follow(entry.text("URL"), "address")?);
    let (mut others, mut passkeys) = (0, 0);
    for (name, value) in &entry.texts {
        match name.as_str() {
            "Title" | "UserName" | "Password" | "Notes" | "URL" => {}
            // The same by its older name.
            "KPEX_PASSKEY_CREDENTIAL_ID" | "KPEX_PASSKEY_GENERATED_USER_ID" => passkeys = 1,
            // Further addresses of KeePassXC and Keepass2Android.
            name if name.starts_with("KP2A_URL") => login.add_site(value.as_str()),
            name if ["KPEX_PASSKEY_", "KPXC_PASSKEY_"].iter().any(|start| name.starts_with(start)) => {}
            name if otp::is_field(name) => {}
            _ => others += 1,
        }
    }
    otp::add(entry, &mut login);
    count(found, "passkeys", passkeys);
    count(found, "custom fields", others);
    count(found, "attachments", entry.attachments);
    Ok(login)
}

/// References from one entry to a field of another: `{REF:P@I:` and the other's id `}`.
struct References<'e> {
    entries: &'e [Entry],
    by_uuid: HashMap<[u8; 16], usize>,
}

/// References that lead to each other.
const MOST_STEPS: usize = 8;

/// Bytes of a text that another entry refers to.
const LONGEST_TARGET: usize = 4096;

impl<'e> References<'e> {
    /// The text, or the one that it refers to.
    fn follow(&self, text: &'e str, field: &'static str) -> Result<&'e str, ImportRefusal> {
        let mut text = text;
        for _ in 0..MOST_STEPS {
            if !holds_reference(text) {
                return Ok(text);
            }
            text = self.target(text).ok_or(ImportRefusal::Reference { field })?;
        }
        Err(ImportRefusal::Reference { field })
    }

    fn target(&self, text: &str) -> Option<&'e str> {
        let reference = text.trim().get(5..)?.strip_suffix('}')?;
        let (field, by) = reference.split_once('@')?;
        let (search, id) = by.split_once(':')?;
        let name = match field {
            "T" | "t" => "Title",
            "U" | "u" => "UserName",
            "P" | "p" => "Password",
            "A" | "a" => "URL",
            "N" | "n" => "Notes",
            _ => return None,
        };
        let id = HEXLOWER_PERMISSIVE.decode(id.as_bytes()).ok().filter(|_| search.eq_ignore_ascii_case("i"))?;
        let place = self.by_uuid.get(&<[u8; 16]>::try_from(id).ok()?)?;
        // One text may be referred to by every entry: it must not be copied without measure.
        Some(self.entries.get(*place)?.text(name)).filter(|text| text.len() <= LONGEST_TARGET)
    }
}

fn holds_reference(text: &str) -> bool {
    text.as_bytes().windows(5).any(|window| window.eq_ignore_ascii_case(b"{REF:"))
}
