//! Whether an account comes back as it is from the file that it would be written to.

use std::collections::HashSet;

use countersign_otp::{Label, OtpKind, OtpSecret};

use super::account::ExportedAccount;
use super::format::ExportFormat;
use crate::formats::{LONGEST_TAG, MOST_TAGS, holds_a_formula, is_page};

/// Why an account is not written. The texts hold nothing of a secret.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ExportRefusal {
    /// Nobody would know it again.
    #[error("it has no name: give it one")]
    NoName,
    /// There is nothing to take along.
    #[error("it has neither a password nor a setup key")]
    NothingToSignInWith,
    /// The format has a place for nothing else.
    #[error("it has no setup key, and {0} holds nothing else: export it as bitwarden, cxf or csv")]
    NoSetupKey(ExportFormat),
    /// Bytes that are no text.
    #[error("its password is no text (UTF-8): copy it by hand")]
    PasswordNoText,
    /// A spreadsheet would take it for a formula, and a mark before it would be typed at the site.
    #[error(
        "its password has =, +, - or @ at its beginning or behind a semicolon, or a tab or a line break, which a spreadsheet takes \
         for a formula, and a password must not be changed: export it as bitwarden or cxf"
    )]
    PasswordFormula,
    /// A text of which a part would be lost.
    #[error("its {0} begins or ends with a blank, which would be lost: remove it")]
    Blanks(&'static str),
    /// An address that is read by no program.
    #[error("its site does not begin with https:// or http://: correct it")]
    Site,
    /// Tags that are read back as others.
    #[error("its tags would not come back as they are: at most 50, each once and without blanks at its ends")]
    Tags,
    /// A label that is read back as another.
    #[error(
        "its name or user name has blanks at its ends, control characters, or characters that turn the direction of text, which \
         a second factor's label does not keep: remove them, or export it as bitwarden, cxf or csv"
    )]
    LabelCharacters,
    /// A label that is refused where it is read.
    #[error(
        "its name or user name is longer than {most} bytes, which a second factor's label does not take: shorten it, or \
         export it as bitwarden, cxf or csv",
        most = Label::MAX_BYTES
    )]
    LabelTooLong,
    /// Tokens by counter.
    #[error("its tokens go by counter (HOTP), which {0} cannot hold: export it as otpauth or csv")]
    ByCounter(ExportFormat),
    /// Steam's tokens.
    #[error("its tokens are Steam's, which {0} cannot hold: export it as bitwarden, otpauth or csv")]
    Steam(ExportFormat),
    /// A period that the format has no place for.
    #[error("its tokens last {seconds} seconds, and {format} holds {holds}: export it as bitwarden, otpauth or csv")]
    Period {
        /// How long.
        seconds: u32,
        /// The format.
        format: ExportFormat,
        /// What it holds instead.
        holds: &'static str,
    },
    /// A number of digits that the format has no place for.
    #[error("its tokens have {digits} digits, and {format} holds 6 and 8: export it as bitwarden, otpauth or csv")]
    Digits {
        /// How many.
        digits: u8,
        /// The format.
        format: ExportFormat,
    },
    /// A counter that the format has no place for.
    #[error("its counter is over 9223372036854775807, which {0} cannot hold: export it as otpauth or csv")]
    Counter(ExportFormat),
    /// More than fits into one QR code.
    #[error(
        "its name and user name are too long for a QR code: shorten them, or export it as otpauth, bitwarden, cxf or csv"
    )]
    CodeTooLong,
}

/// An account that comes back as it is, without what is empty.
pub(super) struct Fit<'a> {
    pub(super) name: &'a str,
    pub(super) username: &'a str,
    pub(super) site: Option<&'a str>,
    pub(super) notes: &'a str,
    pub(super) tags: &'a [String],
    pub(super) password: Option<&'a str>,
    pub(super) secret: Option<&'a OtpSecret>,
    /// Of its second factor.
    pub(super) label: Label,
}

impl<'a> Fit<'a> {
    /// The account as it is written in this format.
    ///
    /// # Errors
    /// It would come back as another.
    pub(super) fn of(format: ExportFormat, account: &'a ExportedAccount) -> Result<Self, ExportRefusal> {
        let password = account.password.as_ref().filter(|password| !password.is_empty());
        let password =
            password.map(|password| password.expose_text().ok_or(ExportRefusal::PasswordNoText)).transpose()?;
        let mut fit = Self {
            name: &account.name,
            username: &account.username,
            site: account.site.as_deref().filter(|site| !site.is_empty()),
            notes: &account.notes,
            tags: &account.tags,
            password,
            secret: account.secret.as_ref(),
            label: Label::default(),
        };
        if fit.name.trim().is_empty() {
            return Err(ExportRefusal::NoName);
        }
        if fit.password.is_none() && fit.secret.is_none() {
            return Err(ExportRefusal::NothingToSignInWith);
        }
        if matches!(format, ExportFormat::Otpauth | ExportFormat::Google) {
            fit.secret.ok_or(ExportRefusal::NoSetupKey(format))?;
            fit.label = fit.exact_label()?;
        } else {
            fit.check_texts()?;
            // Beside a label there are fields for both names, so that it need not be exact.
            fit.label = fit.exact_label().unwrap_or_default();
        }
        if format == ExportFormat::Csv && fit.password.is_some_and(holds_a_formula) {
            return Err(ExportRefusal::PasswordFormula);
        }
        if let Some(secret) = fit.secret {
            check_secret(format, secret)?;
        }
        Ok(fit)
    }

    fn check_texts(&self) -> Result<(), ExportRefusal> {
        for (field, text) in
            [("name", self.name), ("user name", self.username), ("site", self.site.unwrap_or_default())]
        {
            if text.trim() != text {
                return Err(ExportRefusal::Blanks(field));
            }
        }
        if !self.site.is_none_or(is_page) {
            return Err(ExportRefusal::Site);
        }
        let fits = |tag: &String| !tag.is_empty() && tag.trim() == tag && tag.len() <= LONGEST_TAG;
        let different: HashSet<&String> = self.tags.iter().collect();
        if self.tags.len() > MOST_TAGS || different.len() < self.tags.len() || !self.tags.iter().all(fits) {
            return Err(ExportRefusal::Tags);
        }
        Ok(())
    }

    /// The label whose issuer and account are the account's name and user name. A name that begins with its issuer, as imported
    /// ones do (`Issuer: user`), is not written twice.
    fn exact_label(&self) -> Result<Label, ExportRefusal> {
        let (name, username) = (self.name, self.username);
        let issuer = name.strip_suffix(username).and_then(|start| start.strip_suffix(": "));
        let issuer = match issuer {
            // A colon in it would be read as the end of an issuer.
            None if name == username && !name.contains(':') => None,
            Some(issuer) if !username.is_empty() && !issuer.is_empty() && issuer.trim() == issuer => Some(issuer),
            _ => Some(name),
        };
        let label = Label::new(issuer, username).ok_or(ExportRefusal::LabelTooLong)?;
        if label.issuer() == issuer && label.account() == username {
            Ok(label)
        } else {
            Err(ExportRefusal::LabelCharacters)
        }
    }
}

/// Whether the format holds what the tokens depend on.
fn check_secret(format: ExportFormat, secret: &OtpSecret) -> Result<(), ExportRefusal> {
    let parameters = secret.parameters();
    let digits = parameters.digits().get();
    match (format, parameters.kind()) {
        (ExportFormat::Otpauth | ExportFormat::Csv, _) => Ok(()),
        // Bitwarden makes tokens by time of any address but Steam's, whatever its type says.
        (ExportFormat::Bitwarden | ExportFormat::Cxf, OtpKind::Hotp { .. }) => Err(ExportRefusal::ByCounter(format)),
        (ExportFormat::Bitwarden, _) => Ok(()),
        (ExportFormat::Cxf | ExportFormat::Google, OtpKind::Steam) => Err(ExportRefusal::Steam(format)),
        // A byte in the programs that read it.
        (ExportFormat::Cxf, OtpKind::Totp { period }) if period.seconds() > u32::from(u8::MAX) => {
            Err(ExportRefusal::Period { seconds: period.seconds(), format, holds: "at most 255" })
        }
        (ExportFormat::Cxf, _) => Ok(()),
        (ExportFormat::Google, OtpKind::Totp { period }) if period.seconds() != 30 => {
            Err(ExportRefusal::Period { seconds: period.seconds(), format, holds: "30 alone" })
        }
        (ExportFormat::Google, _) if !matches!(digits, 6 | 8) => Err(ExportRefusal::Digits { digits, format }),
        (ExportFormat::Google, OtpKind::Hotp { counter }) if i64::try_from(counter).is_err() => {
            Err(ExportRefusal::Counter(format))
        }
        (ExportFormat::Google, _) => Ok(()),
    }
}
