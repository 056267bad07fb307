use std::{fmt, str::FromStr, time::Duration};

use url::{Host, Url};

use crate::{ChangeState, Invalid};

/// What people are told outside the page.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum NoticeKind {
    /// A change waits for a person.
    Waiting,
    /// It is not known which password signs in.
    InDoubt,
    /// A change did not happen.
    Failed,
    /// A password was changed.
    Changed,
    /// Somebody asks for access that others have to approve.
    AccessRequested,
    /// Somebody used an emergency access, before anybody had approved it.
    AccessTaken,
    /// Access was approved.
    AccessApproved,
    /// Access was rejected.
    AccessRejected,
    /// Access that was approved was ended before its time.
    AccessRevoked,
    /// Nobody has approved a request in time.
    AccessExpired,
    /// What somebody waits for is free, and kept for them.
    CheckOutFree,
    /// A place where the audit log also goes has not taken it for long.
    SinkBehind,
    /// Somebody has taken credentials out, with their secrets.
    Exported,
    /// An administrator asks another one to approve an export, or that exports need no approval any more.
    ExportRequested,
    /// That was approved.
    ExportApproved,
    /// That was rejected.
    ExportRejected,
    /// Nobody has decided about it in time.
    ExportExpired,
    /// From now on exports need the approval of a second administrator.
    ExportApprovalOn,
    /// From now on they do not.
    ExportApprovalOff,
    /// Somebody was made an administrator.
    AdministratorMade,
    /// Somebody else has replaced what an administrator signs in with.
    AdministratorReset,
    /// Somebody has transferred a setup key to their phone.
    Transferred,
    /// The server could not make a backup.
    BackupFailed,
    /// Somebody tries whether notices arrive.
    Test,
}

impl NoticeKind {
    /// Every kind.
    pub const ALL: [Self; 24] = [
        Self::Waiting,
        Self::InDoubt,
        Self::Failed,
        Self::Changed,
        Self::AccessRequested,
        Self::AccessTaken,
        Self::AccessApproved,
        Self::AccessRejected,
        Self::AccessRevoked,
        Self::AccessExpired,
        Self::CheckOutFree,
        Self::SinkBehind,
        Self::Exported,
        Self::ExportRequested,
        Self::ExportApproved,
        Self::ExportRejected,
        Self::ExportExpired,
        Self::ExportApprovalOn,
        Self::ExportApprovalOff,
        Self::AdministratorMade,
        Self::AdministratorReset,
        Self::Transferred,
        Self::BackupFailed,
        Self::Test,
    ];

    /// The name in the API, the database and webhooks.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::InDoubt => "in_doubt",
            Self::Failed => "failed",
            Self::Changed => "changed",
            Self::AccessRequested => "access_requested",
            Self::AccessTaken => "access_emergency",
            Self::AccessApproved => "access_approved",
            Self::AccessRejected => "access_rejected",
            Self::AccessRevoked => "access_revoked",
            Self::AccessExpired => "access_expired",
            Self::CheckOutFree => "check_out_free",
            Self::SinkBehind => "sink_behind",
            Self::Exported => "exported",
            Self::ExportRequested => "export_requested",
            Self::ExportApproved => "export_approved",
            Self::ExportRejected => "export_rejected",
            Self::ExportExpired => "export_expired",
            Self::ExportApprovalOn => "export_approval_on",
            Self::ExportApprovalOff => "export_approval_off",
            Self::AdministratorMade => "administrator_made",
            Self::AdministratorReset => "administrator_reset",
            Self::Transferred => "transferred",
            Self::BackupFailed => "backup_failed",
            Self::Test => "test",
        }
    }

    /// What is to be told of a change that has come to this state, if anything.
    pub const fn of_state(state: ChangeState) -> Option<Self> {
        match state {
            ChangeState::WaitingForAPerson => Some(Self::Waiting),
            ChangeState::InDoubt => Some(Self::InDoubt),
            ChangeState::Failed => Some(Self::Failed),
            ChangeState::Changed => Some(Self::Changed),
            _ => None,
        }
    }
}

impl FromStr for NoticeKind {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Self, Invalid> {
        let found = Self::ALL.into_iter().find(|kind| kind.name() == text);
        found.ok_or_else(|| Invalid::new("kind", "is no kind of notice"))
    }
}

/// When a delivery that failed for the `attempts`th time is tried again; `None`: not any more. Half a minute at first,
/// four times as long each time, at most six hours: eight tries within about a day.
pub fn try_again_after(attempts: i64) -> Option<Duration> {
    const FIRST: Duration = Duration::from_secs(30);
    const LONGEST: Duration = Duration::from_secs(6 * 60 * 60);
    const MAX: i64 = 8;
    let before = u32::try_from(attempts.max(1) - 1).ok().filter(|_| attempts < MAX)?;
    Some((FIRST * 4_u32.saturating_pow(before)).min(LONGEST))
}

/// A mail server as an administrator writes it: `smtp://user:password@host:587` or `smtps://…`. It holds the password,
/// so it is neither shown nor kept.
pub struct MailServer {
    /// TLS from the first byte (RFC 8314 §3.3); else by STARTTLS (RFC 3207), without which only this machine is spoken to.
    pub implicit_tls: bool,
    /// Its name or address.
    pub host: String,
    /// 465 or 587 where nothing else is said.
    pub port: u16,
    /// Who signs in there, and the password.
    pub login: Option<(String, String)>,
}

impl MailServer {
    /// Reads an address.
    ///
    /// # Errors
    /// Names what is wrong, without repeating the address.
    pub fn parse(text: &str) -> Result<Self, Invalid> {
        let wrong = |problem: &str| Invalid::new("smtp", problem.to_owned());
        let url = Url::parse(text).map_err(|_| wrong("is no URL: write smtp://user:password@mail.example.com:587"))?;
        let implicit_tls = match url.scheme() {
            "smtp" => false,
            "smtps" => true,
            _ => return Err(wrong("must begin with smtp:// or smtps://")),
        };
        let host = url.host_str().filter(|host| !host.is_empty()).ok_or_else(|| wrong("names no mail server"))?;
        if !matches!(url.path(), "" | "/") || url.query().is_some() || url.fragment().is_some() {
            return Err(wrong("must end after the port"));
        }
        let decoded = |part: &str| percent_decoded(part).ok_or_else(|| wrong("holds a %-sign that stands for nothing"));
        let login = match (url.username(), url.password()) {
            ("", None) => None,
            (user, password) => Some((decoded(user)?, decoded(password.unwrap_or_default())?)),
        };
        let host = host.trim_start_matches('[').trim_end_matches(']').to_owned();
        Ok(Self { implicit_tls, host, port: url.port().unwrap_or(if implicit_tls { 465 } else { 587 }), login })
    }
}

/// Shows it without the password.
impl fmt::Display for MailServer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let scheme = if self.implicit_tls { "smtps" } else { "smtp" };
        let user = self.login.as_ref().map(|(user, _)| format!("{user}@")).unwrap_or_default();
        let host = if self.host.contains(':') { format!("[{}]", self.host) } else { self.host.clone() };
        write!(f, "{scheme}://{user}{host}:{}", self.port)
    }
}

/// Where a webhook is sent, of which only the origin may be shown: the rest is often a secret.
///
/// # Errors
/// Names what is wrong, without repeating the address.
pub fn webhook_origin(text: &str) -> Result<String, Invalid> {
    let wrong = |problem: &str| Invalid::new("webhook", problem.to_owned());
    let url = Url::parse(text).map_err(|_| wrong("is no URL: write https://hooks.example.com/…"))?;
    let plain = url.scheme() == "http" && url.host().is_some_and(|host| is_this_machine(&host));
    if url.scheme() != "https" && !plain {
        return Err(wrong("must begin with https://"));
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err(wrong("must hold no user name and no password"));
    }
    Ok(url.origin().ascii_serialization())
}

/// Where people find the page, for links.
///
/// # Errors
/// Names what is wrong.
pub fn page_address(text: &str) -> Result<String, Invalid> {
    let url = Url::parse(text.trim()).ok().filter(|url| matches!(url.scheme(), "http" | "https"));
    let url = url.filter(|url| url.query().is_none() && url.fragment().is_none() && url.username().is_empty());
    let url = url.ok_or_else(|| Invalid::new("address", "is no URL: write https://vault.example.com"))?;
    Ok(url.as_str().trim_end_matches('/').to_owned())
}

/// A mail address, as far as it can be judged without sending: one @ with something on both sides, and nothing that could
/// end a header's line (RFC 5321 §4.5.3.1 for the length).
///
/// # Errors
/// Names what is wrong.
pub fn mail_address(field: &'static str, text: &str) -> Result<String, Invalid> {
    let text = text.trim();
    let fits = text.len() <= 254
        && text.split_once('@').is_some_and(|(name, host)| {
            let plain = |part: &str| {
                !part.is_empty()
                    && part.chars().all(|it| !it.is_whitespace() && !it.is_control() && !"@<>,;:\"()[]\\".contains(it))
            };
            plain(name) && plain(host) && !host.starts_with('.') && !host.ends_with('.')
        });
    if fits { Ok(text.to_owned()) } else { Err(Invalid::new(field, "is no e-mail address: write name@example.com")) }
}

/// Whether a host is this very machine by its name alone.
pub(crate) fn is_this_machine(host: &Host<&str>) -> bool {
    match host {
        Host::Domain(name) => *name == "localhost",
        Host::Ipv4(address) => address.is_loopback(),
        Host::Ipv6(address) => address.is_loopback(),
    }
}

fn percent_decoded(text: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        if byte != b'%' {
            bytes.push(byte);
            continue;
        }
        let digit = |byte: Option<u8>| byte.and_then(|byte| char::from(byte).to_digit(16));
        let (high, low) = (digit(rest.next())?, digit(rest.next())?);
        bytes.push(u8::try_from(high * 16 + low).ok()?);
    }
    String::from_utf8(bytes).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mail_server_is_read_and_shown_without_its_password() {
        for (text, shown, login) in [
            ("smtp://mail.example.com", "smtp://mail.example.com:587", None),
            ("smtps://mail.example.com", "smtps://mail.example.com:465", None),
            (
                "smtp://ana:s%40c%3Aret@mail.example.com:2525",
                "smtp://ana@mail.example.com:2525",
                Some(("ana", "s@c:ret")),
            ),
            ("smtps://a%40b.c:x@[::1]:1", "smtps://a@b.c@[::1]:1", Some(("a@b.c", "x"))),
        ] {
            let server = MailServer::parse(text).unwrap_or_else(|error| panic!("{text}: {error}"));
            assert_eq!(server.to_string(), shown);
            assert_eq!(server.login.as_ref().map(|(user, word)| (user.as_str(), word.as_str())), login, "{text}");
        }
        for text in
            ["mail.example.com", "http://mail.example.com", "smtp://", "smtp://u:geheim%zz@h", "smtp://u:geheim@h/x?y"]
        {
            let error = MailServer::parse(text).map(|_| ()).unwrap_err().to_string();
            assert!(!error.contains("geheim"), "{error}");
        }
    }

    #[test]
    fn of_a_webhook_only_the_origin_is_shown() {
        assert_eq!(webhook_origin("https://hooks.example.com/T0/abc?x=y").unwrap(), "https://hooks.example.com");
        assert_eq!(webhook_origin("http://127.0.0.1:99/x").unwrap(), "http://127.0.0.1:99");
        for text in ["http://hooks.example.com/", "ftp://h/", "https://u:geheim@h/", "hooks"] {
            let error = webhook_origin(text).unwrap_err().to_string();
            assert!(!error.contains("geheim"), "{error}");
        }
    }

    #[test]
    fn mail_addresses_cannot_end_a_header() {
        for (text, good) in [
            ("ana@example.com", true),
            ("ana+vault@mail.example.com", true),
            (" ana@example.com ", true),
            ("ana", false),
            ("@example.com", false),
            ("ana@", false),
            ("ana@example.com\r\nBcc: all@example.com", false),
            ("Ana <ana@example.com>", false),
            ("a@b@c", false),
        ] {
            assert_eq!(mail_address("recipients", text).is_ok(), good, "{text:?}");
        }
    }

    #[test]
    fn deliveries_are_tried_ever_later_and_not_for_ever() {
        let waits: Vec<_> = (1..=9).map(|attempts| try_again_after(attempts).map(|wait| wait.as_secs())).collect();
        let expected =
            [Some(30), Some(120), Some(480), Some(1_920), Some(7_680), Some(21_600), Some(21_600), None, None];
        assert_eq!(waits, expected);
    }

    #[test]
    fn a_page_address_is_kept_without_its_last_stroke() {
        assert_eq!(page_address("https://vault.example.com/").unwrap(), "https://vault.example.com");
        assert_eq!(page_address("https://example.com/vault/").unwrap(), "https://example.com/vault");
        assert!(page_address("vault.example.com").is_err());
        assert!(page_address("https://example.com/#/changes").is_err());
    }
}
