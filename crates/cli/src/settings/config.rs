use std::{
    net::IpAddr,
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use anyhow::Context as _;
use countersign_browser::RunAs;
use countersign_model::{Network, page_address};
use countersign_seal::Secret;
use countersign_server::{Audience, BasePath, ServerCertificate};
use countersign_vault::{FixedNotices, UnlockCommand};
use serde::Deserialize;

use crate::{
    args::{DataArgs, TlsArgs},
    machine::files::read_file,
    settings::{
        backups::BackupSettings,
        private::PrivateSites,
        recordings::{RecordingSettings, variable},
        visits::Visits,
    },
};

/// The settings file. Every setting has a flag or a variable of the same meaning, which wins.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Config {
    /// The address to listen on.
    pub(crate) listen: Option<String>,
    /// The URL at which people open the server: passkeys belong to its host, and links in notices lead there.
    pub(crate) address: Option<String>,
    /// The path at which a proxy has put the server.
    pub(crate) base_path: Option<String>,
    /// The certificate with which the server speaks HTTPS, and those between it and its authority, in PEM.
    pub(crate) tls_certificate: Option<PathBuf>,
    /// The certificate's private key, in PEM.
    pub(crate) tls_key: Option<PathBuf>,
    /// The data folder.
    pub(crate) data: Option<PathBuf>,
    /// The database's address.
    pub(crate) database: Option<String>,
    /// The key file.
    pub(crate) key_file: Option<PathBuf>,
    /// A file with the passphrase.
    pub(crate) passphrase_file: Option<PathBuf>,
    /// A command that prints the key file: the program and its arguments.
    pub(crate) unlock_command: Option<Vec<String>>,
    /// Names of variables that it gets beside the usual ones.
    pub(crate) unlock_variables: Option<Vec<String>>,
    /// How many seconds it may take; thirty where nothing is said.
    pub(crate) unlock_seconds: Option<u32>,
    /// Whether sites may live on private and loopback addresses, or in which networks.
    pub(crate) allow_private: Option<PrivateSites>,
    /// The Chromium to visit sites with.
    pub(crate) chromium: Option<PathBuf>,
    /// The user that Chromium and ffmpeg run as, where the server runs as root.
    pub(crate) browser_user: Option<String>,
    /// How many changes at once.
    pub(crate) changes_at_once: Option<usize>,
    /// Where recordings of sessions are kept: a folder, or `s3://BUCKET/FOLDER`.
    pub(crate) recordings: Option<String>,
    /// The address of the bucket's service.
    pub(crate) recordings_endpoint: Option<String>,
    /// The region of the bucket's service.
    pub(crate) recordings_region: Option<String>,
    /// How many days recordings are kept.
    pub(crate) recordings_days: Option<u32>,
    /// How many MiB all recordings together may have.
    pub(crate) recordings_most_mb: Option<u32>,
    /// Where the server puts backups that it makes by itself: a folder, or `s3://BUCKET/FOLDER`.
    pub(crate) backups: Option<String>,
    /// The address of that bucket's service.
    pub(crate) backups_endpoint: Option<String>,
    /// The region of that bucket's service.
    pub(crate) backups_region: Option<String>,
    /// How often it makes one, as `24h`, `90m` or `7d`; daily where nothing is said.
    pub(crate) backups_every: Option<String>,
    /// How many days all of them are kept.
    pub(crate) backups_days: Option<u32>,
    /// Of how many weeks the newest is kept.
    pub(crate) backups_weeks: Option<u32>,
    /// Of how many months the newest is kept.
    pub(crate) backups_months: Option<u32>,
    /// Where destinations of the audit log that are folders lie.
    pub(crate) audit_folder: Option<PathBuf>,
    /// How long a change waits for a person, as `1h`, `30m` or `90s`; an hour where nothing is said.
    pub(crate) wait_for_person: Option<String>,
    /// Where people are told outside the page.
    pub(crate) notices: Option<NoticesConfig>,
    /// Whether cookies travel over TLS only. Where nothing is said: unless the server listens on the machine itself.
    pub(crate) secure_cookies: Option<bool>,
    /// Networks of proxies whose word on the client's address is taken, such as `["127.0.0.1", "10.0.0.0/8"]`.
    pub(crate) trusted_proxies: Option<Vec<String>>,
    /// Who may see figures at `/metrics`.
    pub(crate) metrics: Option<String>,
    /// Who may see the API's description and the page that shows it.
    pub(crate) docs: Option<String>,
    /// How many minutes after a sign-in accounts may be changed without showing password and code again.
    pub(crate) ask_again_minutes: Option<u32>,
}

/// Where people are told outside the page. What is said here cannot be changed in the page.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct NoticesConfig {
    /// Where people find the page, for links: `https://vault.example.com`.
    pub(crate) address: Option<String>,
    /// A file that holds the mail server's URL, with its password.
    pub(crate) smtp_file: Option<PathBuf>,
    /// Whom mails come from.
    pub(crate) sender: Option<String>,
    /// Who is told, beside whoever asked.
    pub(crate) recipients: Vec<String>,
    /// Whether whoever asked is told; yes where nothing is said.
    pub(crate) tell_asker: Option<bool>,
    /// A file that holds the webhook's URL.
    pub(crate) webhook_file: Option<PathBuf>,
    /// A file that holds what signs the webhook.
    pub(crate) webhook_secret_file: Option<PathBuf>,
}

const LARGEST_SETTINGS: u64 = 1 << 20;

impl Config {
    /// Reads the file that the arguments name; the usual settings when they name none.
    pub(crate) fn read(args: &DataArgs) -> anyhow::Result<Self> {
        match &args.config {
            None => Ok(Self::default()),
            Some(path) => Self::parse(path),
        }
    }

    fn parse(path: &Path) -> anyhow::Result<Self> {
        let text = read_file("the settings file", path, LARGEST_SETTINGS)?;
        let text =
            String::from_utf8(text).with_context(|| format!("the settings file {} is not text", path.display()))?;
        // The error shows line, column and the known names.
        toml::from_str(&text).with_context(|| format!("the settings file {} is not right", path.display()))
    }

    /// The path at which a proxy has put the server; the root of its host when nothing is said.
    pub(crate) fn base_path(&self) -> anyhow::Result<BasePath> {
        Ok(self.base_path.as_deref().unwrap_or_default().parse()?)
    }

    /// The URL at which people open the server, where it is said; `COUNTERSIGN_ADDRESS` wins.
    ///
    /// # Errors
    /// When that is no URL.
    pub(crate) fn address(&self) -> anyhow::Result<Option<String>> {
        let said = self.said_address();
        said.as_deref().map(page_address).transpose().context("the setting address (COUNTERSIGN_ADDRESS) is not right")
    }

    /// As it was written. It may stand among the settings of notices, which need it too.
    fn said_address(&self) -> Option<String> {
        let of_notices = || self.notices.as_ref().and_then(|notices| notices.address.clone());
        variable("COUNTERSIGN_ADDRESS").or_else(|| self.address.clone()).or_else(of_notices)
    }

    /// What is said about visiting sites; `COUNTERSIGN_ALLOW_PRIVATE`, `COUNTERSIGN_CHROMIUM` and
    /// `COUNTERSIGN_BROWSER_USER` win.
    ///
    /// # Errors
    /// When a setting cannot be read.
    pub(crate) fn visits(&self) -> anyhow::Result<Visits> {
        let wait = variable("COUNTERSIGN_WAIT_FOR_PERSON").or_else(|| self.wait_for_person.clone());
        let wait = wait.as_deref().map(wait_for_person).transpose()?;
        const ALLOW_PRIVATE: &str = "COUNTERSIGN_ALLOW_PRIVATE";
        let private = match std::env::var_os(ALLOW_PRIVATE).filter(|value| !value.is_empty()) {
            Some(value) => PrivateSites::parse(ALLOW_PRIVATE, &value.to_string_lossy())?,
            None => self.allow_private.clone().unwrap_or_default(),
        };
        let chromium = std::env::var_os("COUNTERSIGN_CHROMIUM").filter(|value| !value.is_empty());
        let user = variable("COUNTERSIGN_BROWSER_USER").or_else(|| self.browser_user.clone());
        let run_as = user.as_deref().map(RunAs::named).transpose().context("the setting browser_user is not right")?;
        Ok(Visits {
            private,
            run_as: run_as.unwrap_or_default(),
            chromium: chromium.map(PathBuf::from).or_else(|| self.chromium.clone()),
            recipes: Arc::default(),
            waits_for_person: wait,
            at_once: self.changes_at_once.map(|count| count.clamp(1, 32)),
        })
    }

    /// Where people are told, if the file or the environment says anything of it; `COUNTERSIGN_SMTP`,
    /// `COUNTERSIGN_NOTICE_SENDER`, `COUNTERSIGN_NOTICE_RECIPIENTS` (with commas), `COUNTERSIGN_ADDRESS`, `COUNTERSIGN_WEBHOOK`
    /// and `COUNTERSIGN_WEBHOOK_SECRET` win.
    ///
    /// # Errors
    /// When something of it cannot be read, or does not belong together.
    pub(crate) fn notices(&self) -> anyhow::Result<Option<FixedNotices>> {
        let file = self.notices.as_ref();
        let secret = |name: &'static str, path: Option<&PathBuf>| -> anyhow::Result<Option<Secret>> {
            let text = match (variable(name), path) {
                (Some(text), _) => text,
                (None, None) => return Ok(None),
                (None, Some(path)) => {
                    let text = read_file("the file", path, LARGEST_SETTINGS)?;
                    String::from_utf8(text).with_context(|| format!("the file {} is not text", path.display()))?
                }
            };
            Ok(Some(Secret::from(text.trim().to_owned())))
        };
        let recipients = variable("COUNTERSIGN_NOTICE_RECIPIENTS");
        let recipients = recipients.map(|text| text.split(',').map(|part| part.trim().to_owned()).collect());
        let fixed = FixedNotices {
            address: self.said_address(),
            smtp: secret("COUNTERSIGN_SMTP", file.and_then(|file| file.smtp_file.as_ref()))?,
            sender: variable("COUNTERSIGN_NOTICE_SENDER").or_else(|| file?.sender.clone()),
            recipients: recipients.or_else(|| Some(file?.recipients.clone())).unwrap_or_default(),
            tell_asker: file.and_then(|file| file.tell_asker).unwrap_or(true),
            webhook: secret("COUNTERSIGN_WEBHOOK", file.and_then(|file| file.webhook_file.as_ref()))?,
            signing: secret("COUNTERSIGN_WEBHOOK_SECRET", file.and_then(|file| file.webhook_secret_file.as_ref()))?,
        };
        fixed.check().context("where notices go is not right")?;
        Ok((fixed.smtp.is_some() || fixed.webhook.is_some()).then_some(fixed))
    }

    /// The backups that the server makes by itself; `COUNTERSIGN_BACKUPS` and its like win.
    pub(crate) fn backups(&self) -> BackupSettings {
        BackupSettings {
            place: variable("COUNTERSIGN_BACKUPS").or_else(|| self.backups.clone()),
            endpoint: variable("COUNTERSIGN_BACKUPS_ENDPOINT").or_else(|| self.backups_endpoint.clone()),
            region: variable("COUNTERSIGN_BACKUPS_REGION").or_else(|| self.backups_region.clone()),
            every: variable("COUNTERSIGN_BACKUPS_EVERY").or_else(|| self.backups_every.clone()),
            days: self.backups_days,
            weeks: self.backups_weeks,
            months: self.backups_months,
        }
    }

    /// Where recordings are kept, and for how long; `COUNTERSIGN_RECORDINGS` and its like win.
    pub(crate) fn recordings(&self) -> RecordingSettings {
        RecordingSettings {
            place: variable("COUNTERSIGN_RECORDINGS").or_else(|| self.recordings.clone()),
            endpoint: variable("COUNTERSIGN_RECORDINGS_ENDPOINT").or_else(|| self.recordings_endpoint.clone()),
            region: variable("COUNTERSIGN_RECORDINGS_REGION").or_else(|| self.recordings_region.clone()),
            days: self.recordings_days,
            most_mb: self.recordings_most_mb,
        }
    }

    /// Where destinations of the audit log that are folders lie; `COUNTERSIGN_AUDIT_FOLDER` wins. Without it there are none.
    pub(crate) fn audit_folder(&self) -> Option<PathBuf> {
        variable("COUNTERSIGN_AUDIT_FOLDER").map(PathBuf::from).or_else(|| self.audit_folder.clone())
    }

    /// Whether cookies travel over TLS only, for a server that listens there.
    pub(crate) fn secure_cookies(&self, listen: &str) -> bool {
        let host = listen.rsplit_once(':').map_or(listen, |(host, _)| host).trim_matches(['[', ']']);
        let loopback =
            host == "localhost" || host.parse::<IpAddr>().is_ok_and(|address| address.to_canonical().is_loopback());
        self.secure_cookies.unwrap_or(!loopback)
    }

    /// The certificate that the server shows, from the arguments' files or else the settings'; `None` where neither names
    /// any.
    ///
    /// # Errors
    /// When one file is named without the other, when they are no certificate with its key, and when cookies are to travel
    /// without TLS.
    pub(crate) fn certificate(&self, ask: &TlsArgs) -> anyhow::Result<Option<ServerCertificate>> {
        let certificate = ask.tls_certificate.as_ref().or(self.tls_certificate.as_ref());
        let key = ask.tls_key.as_ref().or(self.tls_key.as_ref());
        let (certificate, key) = match (certificate, key) {
            (None, None) => return Ok(None),
            (Some(certificate), Some(key)) => (certificate, key),
            (Some(_), None) => anyhow::bail!(
                "a TLS certificate is given and no key: name the certificate's private key with --tls-key (tls_key)"
            ),
            (None, Some(_)) => anyhow::bail!(
                "a TLS key is given and no certificate: name the certificate with --tls-certificate (tls_certificate)"
            ),
        };
        anyhow::ensure!(
            self.secure_cookies != Some(false),
            "secure_cookies is false and a TLS certificate is given: over HTTPS cookies are always secure, so take \
             secure_cookies out of the settings file"
        );
        Ok(Some(ServerCertificate::read(certificate, key)?))
    }

    /// Who may see figures, and who the API's description.
    pub(crate) fn audiences(&self) -> anyhow::Result<(Audience, Audience)> {
        let read = |name: &str, value: Option<&String>| {
            value.map_or(Ok(Audience::default()), |value| {
                Audience::from_name(value).with_context(|| format!("the setting {name} must be {}", Audience::NAMES))
            })
        };
        Ok((read("metrics", self.metrics.as_ref())?, read("docs", self.docs.as_ref())?))
    }

    /// The networks of trusted proxies; none where nothing is said.
    pub(crate) fn trusted_proxies(&self) -> anyhow::Result<Vec<Network>> {
        let networks = self.trusted_proxies.iter().flatten().map(|text| text.parse::<Network>());
        networks.collect::<Result<_, _>>().context("the setting trusted_proxies is not right")
    }

    /// The file's settings with the arguments' in front.
    pub(crate) fn data(&self, args: &DataArgs) -> DataArgs {
        DataArgs {
            data: args.data.clone().or_else(|| self.data.clone()),
            database: args.database.clone().or_else(|| self.database.clone()),
            key_file: args.key_file.clone().or_else(|| self.key_file.clone()),
            passphrase_file: args.passphrase_file.clone().or_else(|| self.passphrase_file.clone()),
            unlock_command: args.unlock_command.clone(),
            unlock_settings: UnlockCommand {
                line: self.unlock_command.clone().unwrap_or_default(),
                variables: self.unlock_variables.clone().unwrap_or_default(),
                within: self.unlock_seconds.map(|seconds| Duration::from_secs(u64::from(seconds.clamp(1, 600)))),
            },
            config: None,
        }
    }
}

/// A length of time as people write it: a number with `s`, `m` or `h`.
fn wait_for_person(text: &str) -> anyhow::Result<Duration> {
    let text = text.trim();
    let units = [("h", 3_600), ("m", 60), ("s", 1)];
    let read = units.iter().find_map(|(unit, seconds)| {
        let number: u64 = text.strip_suffix(unit)?.trim().parse().ok()?;
        number.checked_mul(*seconds)
    });
    let seconds = read.filter(|seconds| (60..=86_400).contains(seconds));
    let seconds = seconds.with_context(|| {
        format!("wait_for_person is \"{text}\": write a number with s, m or h, from 1m to 24h, such as \"1h\"")
    })?;
    Ok(Duration::from_secs(seconds))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wait_is_written_with_its_unit() {
        for (text, seconds) in [("1h", 3_600), ("30m", 1_800), ("90s", 90), (" 2 h ", 7_200), ("24h", 86_400)] {
            assert_eq!(wait_for_person(text).unwrap().as_secs(), seconds, "{text}");
        }
        for text in ["", "1", "h", "1d", "30s", "25h", "-1h", "1.5h", "99999999999999999999h"] {
            assert!(wait_for_person(text).is_err(), "{text}");
        }
    }

    #[test]
    fn the_address_may_stand_among_the_settings_of_notices() {
        let read = |text: &str| toml::from_str::<Config>(text).unwrap().address();
        let said = |text: &str| read(text).unwrap();
        assert_eq!(said(""), None);
        assert_eq!(said("address = \"https://a.example/\"").as_deref(), Some("https://a.example"));
        assert_eq!(said("[notices]\naddress = \"https://b.example\"").as_deref(), Some("https://b.example"));
        let both = said("address = \"https://a.example\"\n[notices]\naddress = \"https://b.example\"");
        assert_eq!(both.as_deref(), Some("https://a.example"), "as it stands at the top");
        assert!(read("address = \"a.example\"").is_err());
    }

    #[test]
    fn cookies_travel_over_tls_only_unless_the_server_listens_on_the_machine_itself() {
        let table = [
            ("127.0.0.1:7117", false),
            ("127.3.2.1:0", false),
            ("localhost:7117", false),
            ("[::1]:7117", false),
            ("[::ffff:127.0.0.1]:7117", false),
            ("0.0.0.0:7117", true),
            ("[::]:7117", true),
            ("192.0.2.1:443", true),
            ("vault.example.org:443", true),
        ];
        for (listen, secure) in table {
            assert_eq!(Config::default().secure_cookies(listen), secure, "{listen}");
        }
        let said = Config { secure_cookies: Some(true), ..Config::default() };
        assert!(said.secure_cookies("127.0.0.1:7117"), "behind a proxy on the same machine");
    }
}
