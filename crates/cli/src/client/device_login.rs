//! `login` in the browser (OAuth 2.0 Device Authorization Grant, RFC 8628): the server gives two codes, a person types one into the page,
//! and by the other the API token is fetched here.

use std::{
    process::{ExitCode, Stdio},
    time::{Duration, Instant},
};

use anyhow::Context as _;
use serde::Deserialize;
use serde_json::{Value, json};
use tokio::signal::unix::{Signal, SignalKind, signal};

use super::{
    http::Client,
    kept::{self, KeptIn, NewLogin},
    logout,
};
use crate::{args::LoginArgs, failure::Problem, machine::system, output};

/// What we call ourselves.
const CLIENT: &str = "countersign";
const GRANT: &str = "urn:ietf:params:oauth:grant-type:device_code";
/// What is added where the server says that we ask too often (RFC 8628 §3.5).
const SLOWER: Duration = Duration::from_secs(5);
/// Where the server does not answer, it is asked ever less often, and at the least this often.
const SLOWEST: Duration = Duration::from_secs(60);

/// What the server gave (RFC 8628 §3.2).
#[derive(Deserialize)]
struct Codes {
    device_code: String,
    user_code: String,
    /// Left out by a server that does not know its own address.
    verification_uri: Option<String>,
    verification_uri_complete: Option<String>,
    expires_in: u64,
    #[serde(default = "usual_interval")]
    interval: u64,
}

/// Of RFC 8628 §3.2.
const fn usual_interval() -> u64 {
    5
}

/// An API token that was fetched.
#[derive(Deserialize)]
struct Given {
    access_token: String,
    api_token: GivenToken,
}

#[derive(Deserialize)]
struct GivenToken {
    id: String,
    name: String,
    user: String,
    expires_at: String,
}

/// What follows from an answer.
#[derive(Debug, PartialEq, Eq)]
enum Step {
    /// Ask again after so long, and from then on as often.
    Wait(Duration),
    Denied,
    Expired,
    /// It cannot go on.
    Failed(String),
}

pub(crate) async fn run(client: &Client, ask: &LoginArgs, json: bool) -> anyhow::Result<ExitCode> {
    // From here on Ctrl-C ends it in words.
    let mut stop = signal(SignalKind::interrupt()).context("Ctrl-C cannot be heard")?;
    let codes = begin(client).await?;
    let (page, complete) = addresses(&codes, client.url());
    output::note(format!("To sign in, open {page}\nand type this code: {}", output::printable(&codes.user_code)));
    let variable = |name: &str| std::env::var_os(name).is_some_and(|value| !value.is_empty());
    let wanted = !ask.no_browser && !json && output::is_somebody_there();
    if let Some(opener) = opener(wanted, cfg!(target_os = "macos"), variable) {
        open(opener, &complete);
    }
    let minutes = codes.expires_in.div_ceil(60);
    output::note(format!("Waiting until you approve it there, for at most {minutes} minutes. Ctrl-C ends it."));
    let given = wait(client, &codes, &mut stop).await?;
    let GivenToken { id, name, user, expires_at } = given.api_token;
    // What is kept of the former login goes as the new one is kept, and it is revoked only then: a login that fails leaves it as it was.
    let former = kept::read().ok().flatten().filter(|kept| kept.url == client.url());
    let former = former.and_then(|kept| Some((kept.id.clone()?, kept.token())));
    let new = NewLogin { url: client.url(), token: &given.access_token, id: Some(&id) };
    let kept = match kept::keep(&new, !ask.no_keyring) {
        Ok(kept) => kept,
        Err(error) => {
            // Nobody will have it any more.
            let _ = logout::revoke(client.url(), given.access_token, &id).await;
            return Err(error);
        }
    };
    if let Some((former, token)) = former {
        end(client.url(), token, &former).await;
    }
    if json {
        let (url, stored, token_in) = (client.url(), &kept.file, kept.token.name());
        output::json(
            &json!({"url": url, "user": user, "stored": stored, "token_in": token_in, "expires_at": expires_at}),
        )?;
    } else {
        output::line(format!("Signed in to {} as {user}.", client.url()));
        output::line(format!("The API token \"{name}\" is kept in {} until {expires_at}.", kept.token));
        say_why_not_in_keyring(&kept);
    }
    Ok(ExitCode::SUCCESS)
}

/// Revokes the API token of the login before.
async fn end(url: &str, token: anyhow::Result<String>, id: &str) {
    let revoked = match token {
        Ok(token) => logout::revoke(url, token, id).await.map(drop),
        Err(error) => Err(error),
    };
    if let Err(error) = revoked {
        output::note(format!(
            "the API token of the login before could not be revoked: revoke it in the page, under Settings › API tokens ({error:#})"
        ));
    }
}

/// Tells why a token is not in the keyring, where there is one to be told of.
pub(crate) fn say_why_not_in_keyring(kept: &KeptIn) {
    if let Some(why) = &kept.no_keyring {
        output::note(format!("it is in that file, which you alone can read, and not in a keyring: {why}"));
    }
}

async fn begin(client: &Client) -> anyhow::Result<Codes> {
    let host = system::host_name();
    let mut fields = vec![("client_id", CLIENT)];
    fields.extend(host.as_deref().map(|host| ("host", host)));
    let (status, wait, answer) = client.send_form("/api/v1/oauth/device_authorization", &fields).await?;
    if status == 404 {
        anyhow::bail!("this server is older than sign-in in the browser: run `countersign login URL --name NAME`");
    }
    if status != 200 {
        let seconds = wait.map(|wait| format!(" (in {} seconds)", wait.as_secs())).unwrap_or_default();
        anyhow::bail!("the server lets no command line wait now: {}{seconds}", described(&answer));
    }
    serde_json::from_value(answer).context("the server's answer has no codes")
}

/// Asks until there is an answer.
async fn wait(client: &Client, codes: &Codes, stop: &mut Signal) -> anyhow::Result<Given> {
    let fields = [("grant_type", GRANT), ("client_id", CLIENT), ("device_code", codes.device_code.as_str())];
    let mut every = Duration::from_secs(codes.interval.max(1));
    let until = Instant::now() + Duration::from_secs(codes.expires_in);
    loop {
        // A request that may bring the token is never left alone: only between two of them somebody may end it.
        tokio::select! {
            () = tokio::time::sleep(every) => {}
            _ = stop.recv() => anyhow::bail!("stopped: nobody is signed in, and nothing was kept"),
        }
        let step = match client.send_form("/api/v1/oauth/token", &fields).await {
            Ok((200, _, answer)) => {
                return serde_json::from_value(answer).context("the server's answer has no API token");
            }
            Ok((status, wait, answer)) => judge(status, wait, &answer, every),
            // RFC 8628 §3.5: a server that does not answer is asked less often.
            Err(_) => Step::Wait((every * 2).min(SLOWEST)),
        };
        match step {
            Step::Wait(_) if Instant::now() >= until => return Err(expired()),
            Step::Wait(next) => every = next,
            Step::Expired => return Err(expired()),
            Step::Denied => return Err(denied().into()),
            Step::Failed(why) => anyhow::bail!("{why}"),
        }
    }
}

/// What follows from an answer that is none with a token.
fn judge(status: u16, wait: Option<Duration>, answer: &Value, every: Duration) -> Step {
    match answer.get("error").and_then(Value::as_str) {
        Some("authorization_pending") => Step::Wait(every),
        Some("slow_down") => Step::Wait(every + SLOWER),
        Some("temporarily_unavailable") => Step::Wait(wait.unwrap_or(every).max(every)),
        Some("access_denied") => Step::Denied,
        Some("expired_token") => Step::Expired,
        _ if status >= 500 => Step::Wait((every * 2).min(SLOWEST)),
        _ => Step::Failed(described(answer)),
    }
}

fn described(answer: &Value) -> String {
    let text = ["error_description", "detail", "error"].into_iter().find_map(|name| answer.get(name)?.as_str());
    output::printable(text.unwrap_or("the server does not say why"))
}

fn expired() -> anyhow::Error {
    anyhow::anyhow!("nobody approved it in time: run `countersign login` again")
}

fn denied() -> Problem {
    Problem {
        kind: "urn:countersign:problem:denied".to_owned(),
        detail: "the sign-in was denied in the page: nobody is signed in, and nothing was kept".to_owned(),
        hint: None,
        retry_after_seconds: None,
        asked: None,
    }
}

/// Where the page is that takes the code, and the same with the code.
fn addresses(codes: &Codes, url: &str) -> (String, String) {
    let is_page = |address: &&String| {
        (address.starts_with("https://") || address.starts_with("http://")) && !address.contains(char::is_control)
    };
    let page = codes.verification_uri.as_ref().filter(is_page).cloned();
    let page = page.unwrap_or_else(|| format!("{url}/#/device"));
    let complete = codes.verification_uri_complete.as_ref().filter(is_page).cloned();
    let complete = complete.unwrap_or_else(|| format!("{page}?code={}", codes.user_code));
    (page, complete)
}

/// The program that opens an address in a person's browser, where there is a screen to open it on.
fn opener(wanted: bool, mac: bool, is_set: impl Fn(&str) -> bool) -> Option<&'static str> {
    match () {
        () if !wanted => None,
        () if mac => (!is_set("SSH_CONNECTION")).then_some("open"),
        () => (is_set("WAYLAND_DISPLAY") || is_set("DISPLAY")).then_some("xdg-open"),
    }
}

/// Opens the page. Where that fails, the address stands on the terminal.
fn open(opener: &str, address: &str) {
    let mut command = tokio::process::Command::new(opener);
    command.arg(address).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    match command.spawn() {
        // It ends by itself.
        Ok(child) => drop(child),
        Err(_) => output::note("no browser could be opened here: open the address yourself"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_are_taken_as_the_standard_has_them() {
        let seconds = Duration::from_secs;
        let error = |name: &str| json!({"error": name, "error_description": "it says so"});
        let table = [
            (400, None, error("authorization_pending"), Step::Wait(seconds(3))),
            (400, None, error("slow_down"), Step::Wait(seconds(8))),
            (400, None, error("access_denied"), Step::Denied),
            (400, None, error("expired_token"), Step::Expired),
            (429, Some(seconds(40)), error("temporarily_unavailable"), Step::Wait(seconds(40))),
            (503, Some(seconds(1)), error("temporarily_unavailable"), Step::Wait(seconds(3))),
            (502, None, json!({}), Step::Wait(seconds(6))),
            (400, None, error("invalid_grant"), Step::Failed("it says so".to_owned())),
            (400, None, json!({"error": "bad\u{1b}[2J"}), Step::Failed("bad\u{fffd}[2J".to_owned())),
            (404, None, json!({}), Step::Failed("the server does not say why".to_owned())),
        ];
        for (status, wait, answer, wanted) in table {
            assert_eq!(judge(status, wait, &answer, seconds(3)), wanted, "{status} {answer}");
        }
    }

    #[test]
    fn a_browser_is_opened_where_a_person_sees_it() {
        let table: [(bool, bool, &[&str], Option<&str>); 7] = [
            (true, false, &[], None),
            (true, false, &["DISPLAY"], Some("xdg-open")),
            (true, false, &["WAYLAND_DISPLAY"], Some("xdg-open")),
            (false, false, &["DISPLAY"], None),
            (true, true, &[], Some("open")),
            (true, true, &["SSH_CONNECTION"], None),
            (false, true, &[], None),
        ];
        for (wanted, mac, set, expected) in table {
            assert_eq!(opener(wanted, mac, |name| set.contains(&name)), expected, "{wanted} {mac} {set:?}");
        }
    }

    #[test]
    fn the_page_is_where_the_server_says_or_where_it_was_asked() {
        let codes = |page: Option<&str>| Codes {
            device_code: String::new(),
            user_code: "WDJB-MJHT".to_owned(),
            verification_uri: page.map(str::to_owned),
            verification_uri_complete: None,
            expires_in: 600,
            interval: 3,
        };
        let here = "https://here/vault";
        for (said, wanted) in [
            (Some("https://vault/#/device"), "https://vault/#/device"),
            (Some("file:///etc/passwd"), "https://here/vault/#/device"),
            (Some("--help"), "https://here/vault/#/device"),
            (Some("https://vault/\u{1b}[2J"), "https://here/vault/#/device"),
            (None, "https://here/vault/#/device"),
        ] {
            let (page, complete) = addresses(&codes(said), here);
            assert_eq!((page.as_str(), complete), (wanted, format!("{wanted}?code=WDJB-MJHT")), "{said:?}");
        }
    }
}
