use std::{fmt, str::FromStr, time::Duration};

use serde::{Deserialize, Serialize};
use url::{Host, Url};

use crate::{Invalid, Timestamp};

/// How records leave for another place.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SinkKind {
    /// Syslog (RFC 5424) over TLS (RFC 5425).
    Syslog,
    /// The Common Event Format, carried by syslog.
    Cef,
    /// OpenTelemetry logs over HTTP.
    Otlp,
    /// A signed POST.
    Webhook,
    /// Files beside the server.
    Folder,
}

impl SinkKind {
    /// Every kind.
    pub const ALL: [Self; 5] = [Self::Syslog, Self::Cef, Self::Otlp, Self::Webhook, Self::Folder];

    /// The name in the API and the database.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Syslog => "syslog",
            Self::Cef => "cef",
            Self::Otlp => "otlp",
            Self::Webhook => "webhook",
            Self::Folder => "folder",
        }
    }

    /// Whether signed checkpoints are sent too.
    pub const fn takes_checkpoints(self) -> bool {
        matches!(self, Self::Webhook | Self::Folder)
    }
}

impl FromStr for SinkKind {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Self, Invalid> {
        let found = Self::ALL.into_iter().find(|kind| kind.name() == text);
        found.ok_or_else(|| Invalid::new("kind", "must be syslog, cef, otlp, webhook or folder"))
    }
}

/// Where records go.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SinkTarget {
    /// A receiver of syslog.
    Stream {
        /// Whether under TLS.
        tls: bool,
        /// Its name or address.
        host: String,
        /// 6514 where nothing else is said (RFC 5425 §4.1); of plain TCP 601 (RFC 6587 §3).
        port: u16,
    },
    /// A receiver that speaks HTTP.
    Http(Url),
    /// A folder within the one that the server's operator has set aside for it.
    Folder(String),
}

const LONGEST_ADDRESS: usize = 2_048;

impl SinkTarget {
    /// Reads an address as an administrator writes it. `plain`: whether it was said that records may leave this machine without TLS.
    ///
    /// # Errors
    /// Names what is wrong, without repeating the address: a part of it may be a secret.
    pub fn parse(kind: SinkKind, text: &str, plain: bool) -> Result<Self, Invalid> {
        let text = text.trim();
        if text.len() > LONGEST_ADDRESS || text.chars().any(char::is_control) {
            return Err(wrong("is too long, or holds what no address holds"));
        }
        match kind {
            SinkKind::Syslog | SinkKind::Cef => stream(text, plain),
            SinkKind::Otlp | SinkKind::Webhook => http(text, plain).map(Self::Http),
            SinkKind::Folder => folder(text).map(Self::Folder),
        }
    }

    /// What may be shown of it: of a webhook the origin alone.
    pub fn shown(&self, kind: SinkKind) -> String {
        match self {
            Self::Http(url) if kind == SinkKind::Webhook => url.origin().ascii_serialization(),
            Self::Http(url) => {
                let mut url = url.clone();
                url.set_query(None);
                url.to_string()
            }
            other => other.to_string(),
        }
    }
}

impl fmt::Display for SinkTarget {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Stream { tls, host, port } => {
                let scheme = if *tls { "tls" } else { "tcp" };
                if host.contains(':') {
                    write!(f, "{scheme}://[{host}]:{port}")
                } else {
                    write!(f, "{scheme}://{host}:{port}")
                }
            }
            Self::Http(url) => url.fmt(f),
            Self::Folder(name) => f.write_str(name),
        }
    }
}

fn wrong(problem: &str) -> Invalid {
    Invalid::new("address", problem)
}

const IN_THE_CLEAR: &str =
    "would carry records to another machine in the clear: use TLS, or say that plain connections are allowed";

fn stream(text: &str, plain: bool) -> Result<SinkTarget, Invalid> {
    let url = Url::parse(text).map_err(|_| wrong("is no URL: write tls://siem.example.com:6514"))?;
    let (tls, usual) = match url.scheme() {
        "tls" => (true, 6514),
        "tcp" => (false, 601),
        _ => return Err(wrong("must begin with tls:// or tcp://")),
    };
    let bare = matches!(url.path(), "" | "/") && url.query().is_none() && url.fragment().is_none();
    if !bare || !url.username().is_empty() || url.password().is_some() {
        return Err(wrong("must be a host and a port alone"));
    }
    let host = url.host_str().filter(|host| !host.is_empty()).ok_or_else(|| wrong("names no receiver"))?;
    let host = host.trim_start_matches('[').trim_end_matches(']').to_owned();
    if !tls && !plain && !is_here(&host) {
        return Err(wrong(IN_THE_CLEAR));
    }
    Ok(SinkTarget::Stream { tls, host, port: url.port().unwrap_or(usual) })
}

fn http(text: &str, plain: bool) -> Result<Url, Invalid> {
    let url = Url::parse(text).map_err(|_| wrong("is no URL: write https://siem.example.com/…"))?;
    match url.scheme() {
        "https" => {}
        "http" if plain || url.host_str().is_some_and(is_here) => {}
        "http" => return Err(wrong(IN_THE_CLEAR)),
        _ => return Err(wrong("must begin with https://")),
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err(wrong("must hold no user name and no password: use a header"));
    }
    if url.fragment().is_some() {
        return Err(wrong("must hold no #"));
    }
    Ok(url)
}

/// One plain name: it stays within the folder that the operator has set aside.
fn folder(text: &str) -> Result<String, Invalid> {
    let plain = |it: char| it.is_ascii_alphanumeric() || matches!(it, '-' | '_' | '.');
    if text.is_empty() || text.len() > 64 || text.starts_with('.') || !text.chars().all(plain) {
        return Err(wrong(
            "must be the name of a folder: up to 64 letters, digits, - _ and ., not beginning with a dot",
        ));
    }
    Ok(text.to_owned())
}

fn is_here(host: &str) -> bool {
    match Host::parse(host) {
        Ok(Host::Domain(name)) => name == "localhost",
        Ok(Host::Ipv4(address)) => address.is_loopback(),
        Ok(Host::Ipv6(address)) => address.is_loopback(),
        Err(_) => host.parse::<std::net::Ipv6Addr>().is_ok_and(|address| address.is_loopback()),
    }
}

const MAX_ACTS: usize = 100;

/// Which records go there: those of chosen acts, or all where none are chosen.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct SinkFilter(Vec<String>);

impl SinkFilter {
    /// Reads acts as `token.read`, or as `session.*` for all that begin so. `acts` are those that there are.
    ///
    /// # Errors
    /// Names the one that is none.
    pub fn parse(texts: &[String], acts: &[&str]) -> Result<Self, Invalid> {
        if texts.len() > MAX_ACTS {
            return Err(Invalid::new("acts", format!("are too many: at most {MAX_ACTS}")));
        }
        let mut chosen = Vec::new();
        for text in texts {
            let text = text.trim();
            if !acts.iter().any(|act| names(text, act)) {
                let shown: String = text.chars().take(60).collect();
                let problem =
                    format!("hold \"{shown}\", which is no action: write one such as token.read, or session.*");
                return Err(Invalid::new("acts", problem));
            }
            chosen.push(text.to_owned());
        }
        chosen.sort();
        chosen.dedup();
        Ok(Self(chosen))
    }

    /// Whether a record of that act goes there.
    pub fn wants(&self, act: &str) -> bool {
        self.0.is_empty() || self.0.iter().any(|pattern| names(pattern, act))
    }

    /// The acts; none where all are wanted.
    pub fn acts(&self) -> &[String] {
        &self.0
    }
}

fn names(pattern: &str, act: &str) -> bool {
    match pattern.strip_suffix(".*") {
        Some(prefix) => !prefix.is_empty() && act.strip_prefix(prefix).is_some_and(|rest| rest.starts_with('.')),
        None => pattern == act,
    }
}

/// How a destination does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SinkStanding {
    /// An administrator has paused it.
    Paused,
    /// The last try failed.
    Failing,
    /// It has not taken for a while what there is.
    Behind,
    /// It has all there is, or nearly.
    Current,
}

/// What waits for less is on its way.
const ON_ITS_WAY: Duration = Duration::from_secs(60);

impl SinkStanding {
    /// How it does: `attempts` failed in a row, and the oldest record that it has not taken is from `oldest`.
    pub fn of(paused: bool, attempts: i64, oldest: Option<Timestamp>, now: Timestamp) -> Self {
        match oldest {
            _ if paused => Self::Paused,
            _ if attempts > 0 => Self::Failing,
            Some(oldest) if now.since(oldest) > ON_ITS_WAY => Self::Behind,
            _ => Self::Current,
        }
    }

    /// The name in the API.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Paused => "paused",
            Self::Failing => "failing",
            Self::Behind => "behind",
            Self::Current => "current",
        }
    }
}

/// How long to wait after the `attempts`th failure in a row: a second at first, twice as long each time, at most five minutes; between half of
/// that and all of it, as chance has it, so that receivers that come back are not met by everybody at once.
pub fn sink_wait(attempts: i64, chance: u16) -> Duration {
    const LONGEST: u64 = 5 * 60 * 1_000;
    let doubled = u32::try_from(attempts.clamp(1, 20) - 1).unwrap_or(0);
    let whole = (1_000 * 2_u64.pow(doubled)).min(LONGEST);
    let half = whole / 2;
    Duration::from_millis(half + half * u64::from(chance) / u64::from(u16::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_read_and_shown() {
        use SinkKind::{Cef, Folder, Otlp, Syslog, Webhook};
        for (kind, text, shown) in [
            (Syslog, "tls://siem.example.com", "tls://siem.example.com:6514"),
            (Syslog, " tls://[2001:db8::1]:99 ", "tls://[2001:db8::1]:99"),
            (Cef, "tcp://127.0.0.1", "tcp://127.0.0.1:601"),
            (Cef, "tcp://[::1]:5", "tcp://[::1]:5"),
            (Otlp, "https://otel.example.com:4318/v1/logs?x=y", "https://otel.example.com:4318/v1/logs"),
            (Webhook, "https://hooks.example.com/T0/geheim?a=b", "https://hooks.example.com"),
            (Webhook, "http://localhost:9/x", "http://localhost:9"),
            (Folder, "siem-1", "siem-1"),
        ] {
            let target = SinkTarget::parse(kind, text, false).unwrap_or_else(|error| panic!("{text}: {error}"));
            assert_eq!(target.shown(kind), shown);
        }
        let plain = SinkTarget::parse(Syslog, "tcp://siem.example.com", true).unwrap();
        assert_eq!(plain.to_string(), "tcp://siem.example.com:601");
    }

    #[test]
    fn what_is_no_address_is_refused_and_not_repeated() {
        use SinkKind::{Folder, Otlp, Syslog, Webhook};
        for (kind, text) in [
            (Syslog, "geheim"),
            (Syslog, "https://geheim.example.com"),
            (Syslog, "tls://geheim.example.com/x"),
            (Syslog, "tls://u:geheim@h"),
            (Syslog, "tcp://geheim.example.com"),
            (Syslog, "tcp://10.0.0.1"),
            (Syslog, "tls://a\nb"),
            (Otlp, "http://geheim.example.com/v1/logs"),
            (Otlp, "file:///geheim"),
            (Webhook, "https://u:geheim@h/"),
            (Webhook, "https://h/#geheim"),
            (Folder, "../geheim"),
            (Folder, "/geheim"),
            (Folder, ".geheim"),
            (Folder, "a/geheim"),
            (Folder, "a\\geheim"),
            (Folder, ""),
        ] {
            let error = SinkTarget::parse(kind, text, false).expect_err(text).to_string();
            assert!(!error.contains("geheim"), "{error}");
        }
    }

    #[test]
    fn a_filter_names_acts_that_there_are() {
        let acts = ["token.read", "session.started", "session.clipboard_in", "sessions.x"];
        let parse =
            |texts: &[&str]| SinkFilter::parse(&texts.iter().map(|it| (*it).to_owned()).collect::<Vec<_>>(), &acts);
        let wanted = |filter: &SinkFilter| acts.iter().filter(|act| filter.wants(act)).copied().collect::<Vec<_>>();
        assert_eq!(wanted(&parse(&[]).unwrap()), acts, "none chosen: all");
        assert_eq!(wanted(&parse(&["token.read"]).unwrap()), ["token.read"]);
        assert_eq!(wanted(&parse(&["session.*", "session.*"]).unwrap()), ["session.started", "session.clipboard_in"]);
        for text in ["", "*", ".*", "token.", "token", "nothing.*", "token.re*"] {
            assert!(parse(&[text]).is_err(), "{text}");
        }
        assert!(parse(&vec!["token.read"; 101]).is_err());
    }

    #[test]
    fn waits_grow_to_minutes_and_differ() {
        let longest: Vec<_> = [0, 1, 2, 5, 9, 10, 99].iter().map(|n| sink_wait(*n, u16::MAX).as_millis()).collect();
        assert_eq!(longest, [1_000, 1_000, 2_000, 16_000, 256_000, 300_000, 300_000]);
        assert_eq!(sink_wait(10, 0).as_millis(), 150_000);
        assert!(sink_wait(3, 100) < sink_wait(3, 60_000));
    }

    #[test]
    fn a_standing_is_told_by_what_is_worst() {
        let now = Timestamp::from_seconds(1_000);
        let (old, new) = (Some(Timestamp::from_seconds(900)), Some(Timestamp::from_seconds(990)));
        for (paused, attempts, oldest, standing) in [
            (true, 3, old, SinkStanding::Paused),
            (false, 1, None, SinkStanding::Failing),
            (false, 0, old, SinkStanding::Behind),
            (false, 0, new, SinkStanding::Current),
            (false, 0, None, SinkStanding::Current),
        ] {
            assert_eq!(SinkStanding::of(paused, attempts, oldest, now), standing);
        }
    }
}
