//! What the settings file says of notices, and how an address of theirs is read.

use countersign_model::{Invalid, MailServer, mail_address, page_address, webhook_origin};
use countersign_seal::Secret;
use serde::{Deserialize, Serialize};

const MAX_RECIPIENTS: usize = 50;

/// What the settings file or the environment says of notices. Where it names a mail server or a webhook, the page's own
/// settings are not used.
pub struct FixedNotices {
    /// Where people find the page.
    pub address: Option<String>,
    /// The mail server.
    pub smtp: Option<Secret>,
    /// Whom mails come from.
    pub sender: Option<String>,
    /// Who is told, beside whoever asked.
    pub recipients: Vec<String>,
    /// Whether whoever asked is told.
    pub tell_asker: bool,
    /// Where the webhook goes.
    pub webhook: Option<Secret>,
    /// What signs it.
    pub signing: Option<Secret>,
}

/// What is stored as JSON: nothing in it is secret.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct Shown {
    pub(super) address: Option<String>,
    pub(super) smtp: Option<String>,
    pub(super) sender: Option<String>,
    pub(super) recipients: Vec<String>,
    pub(super) tell_asker: bool,
    pub(super) webhook: Option<String>,
}

impl FixedNotices {
    /// Looks at everything, so that a server with wrong settings says so when it starts.
    ///
    /// # Errors
    /// Names the setting and what is wrong with it.
    pub fn check(&self) -> Result<(), Invalid> {
        self.shown().map(drop)?;
        if self.smtp.is_some() && self.sender.is_none() {
            return Err(Invalid::new("sender", "is missing: say whom mails come from"));
        }
        if self.webhook.is_some() && self.signing.is_none() {
            return Err(Invalid::new("webhook_secret", "is missing: say what signs the webhook"));
        }
        Ok(())
    }

    pub(super) fn shown(&self) -> Result<Shown, Invalid> {
        Ok(Shown {
            address: self.address.as_deref().map(page_address).transpose()?,
            smtp: self.smtp.as_ref().map(shown_smtp).transpose()?,
            sender: self.sender.as_deref().map(|text| mail_address("sender", text)).transpose()?,
            recipients: checked_recipients(&self.recipients)?,
            tell_asker: self.tell_asker,
            webhook: self.webhook.as_ref().map(shown_webhook).transpose()?,
        })
    }
}

pub(super) fn shown_smtp(secret: &Secret) -> Result<String, Invalid> {
    let text = line("smtp", secret)?;
    MailServer::parse(text).map(|server| server.to_string())
}

pub(super) fn shown_webhook(secret: &Secret) -> Result<String, Invalid> {
    webhook_origin(line("webhook", secret)?)
}

fn line<'a>(field: &'static str, secret: &'a Secret) -> Result<&'a str, Invalid> {
    let text = secret.expose_text().filter(|text| !text.chars().any(char::is_control));
    text.ok_or_else(|| Invalid::new(field, "holds what no URL holds"))
}

pub(super) fn checked_recipients(texts: &[String]) -> Result<Vec<String>, Invalid> {
    if texts.len() > MAX_RECIPIENTS {
        return Err(Invalid::new("recipients", format!("are too many: at most {MAX_RECIPIENTS}")));
    }
    let mut all = texts.iter().map(|text| mail_address("recipients", text)).collect::<Result<Vec<_>, _>>()?;
    all.sort();
    all.dedup();
    Ok(all)
}
