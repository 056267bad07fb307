//! One mail to one recipient, by the mail server of the settings.

use countersign_model::{MailServer, Timestamp};
use countersign_outbound::{AllowPrivateReceivers, addresses};
use countersign_seal::Secret;
use countersign_vault::Notice;
use data_encoding::BASE64;

use crate::{smtp::Smtp, words};

/// Encoded words have at most 75 characters (RFC 2047 §2), 12 of them `=?UTF-8?B?` and `?=`; the first stands behind the header's
/// name, in a line of at most 78 (RFC 5322 §2.1.1).
const WORD_BYTES: usize = 39;
/// Lines of base64 have at most 76 characters (RFC 2045 §6.8).
const LINE_BYTES: usize = 57;

pub(crate) async fn send(
    notice: &Notice,
    server: &Secret,
    from: &str,
    to: &str,
    allow_private: AllowPrivateReceivers,
) -> Result<(), String> {
    let server = MailServer::parse(server.expose_text().unwrap_or_default()).map_err(|error| error.to_string())?;
    let text = message(&notice.id.to_string(), notice.at, from, to, &words::subject(notice), &words::body(notice));
    let mut trouble = String::new();
    for address in addresses(&server.host, server.port, allow_private).await? {
        match Smtp::connect(address, &server).await {
            Ok(smtp) => return hand_over(smtp, &server, from, to, &text).await,
            // Another address of the same server may answer.
            Err(error) => trouble = error,
        }
    }
    Err(format!("{server}: {trouble}"))
}

async fn hand_over(mut smtp: Smtp, server: &MailServer, from: &str, to: &str, text: &str) -> Result<(), String> {
    let told = |error: String| format!("{server}: {}", without_password(&error, server));
    if let Some((user, password)) = &server.login {
        smtp.sign_in(user, password).await.map_err(told)?;
    }
    smtp.deliver(from, to, text).await.map_err(told)?;
    smtp.quit().await;
    Ok(())
}

/// A whole message (RFC 5322), its lines ended by CRLF. The id is the same for every try, so that a mail that was taken
/// twice can be shown once.
fn message(id: &str, at: Timestamp, from: &str, to: &str, subject: &str, body: &str) -> String {
    let mut text = format!(
        "From: {from}\r\nTo: {to}\r\nSubject: {}\r\nDate: {}\r\nMessage-ID: <{id}@countersign.invalid>\r\n\
         Auto-Submitted: auto-generated\r\nMIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\n\
         Content-Transfer-Encoding: base64\r\n\r\n",
        header_text(subject),
        date(at),
    );
    for line in body.replace('\n', "\r\n").as_bytes().chunks(LINE_BYTES) {
        text.push_str(&BASE64.encode(line));
        text.push_str("\r\n");
    }
    text
}

/// As it is where it is plain, else in encoded words (RFC 2047). Nothing in it ends the line.
fn header_text(text: &str) -> String {
    let clean: String = text.chars().map(|it| if it.is_control() { ' ' } else { it }).collect();
    if clean.is_ascii() && clean.len() < 200 && !clean.contains("=?") {
        return clean;
    }
    let mut words: Vec<String> = vec![String::new()];
    for letter in clean.chars().take(200) {
        // No letter is cut in two.
        if words.last().is_some_and(|word| word.len() + letter.len_utf8() > WORD_BYTES) {
            words.push(String::new());
        }
        if let Some(word) = words.last_mut() {
            word.push(letter);
        }
    }
    let words: Vec<String> =
        words.iter().map(|word| format!("=?UTF-8?B?{}?=", BASE64.encode(word.as_bytes()))).collect();
    words.join("\r\n ")
}

/// As RFC 5322 §3.3 writes it.
fn date(at: Timestamp) -> String {
    let at = jiff::Timestamp::from_second(at.seconds()).unwrap_or(jiff::Timestamp::UNIX_EPOCH);
    at.strftime("%a, %d %b %Y %H:%M:%S +0000").to_string()
}

/// Some servers repeat what they were sent, as it is or in base64.
fn without_password(text: &str, server: &MailServer) -> String {
    let Some((user, password)) = server.login.as_ref().filter(|(_, password)| !password.is_empty()) else {
        return text.to_owned();
    };
    let plain = BASE64.encode(format!("\0{user}\0{password}").as_bytes());
    let word = BASE64.encode(password.as_bytes());
    [password.as_str(), &plain, &word].into_iter().fold(text.to_owned(), |text, secret| text.replace(secret, "•••"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_is_plain_ascii_with_short_lines_and_no_header_of_others() {
        let name = "Bäckerei\r\nBcc: all@example.com ".repeat(9);
        let text = message("id", Timestamp::from_seconds(1_700_000_000), "a@b.c", "d@e.f", &name, "Grüße\nzwei");
        assert!(text.is_ascii());
        assert!(text.split("\r\n").all(|line| line.len() <= 78 && !line.contains(['\r', '\n'])), "{text}");
        assert!(!text.split("\r\n").any(|line| line.starts_with("Bcc")), "{text}");
        assert!(text.contains("\r\nDate: Tue, 14 Nov 2023 22:13:20 +0000\r\n"), "{text}");
        let (_, body) = text.split_once("\r\n\r\n").unwrap();
        let body = BASE64.decode(body.replace("\r\n", "").as_bytes()).unwrap();
        assert_eq!(String::from_utf8(body).unwrap(), "Grüße\r\nzwei");
    }

    #[test]
    fn a_plain_subject_stays_and_another_is_encoded_letter_by_letter() {
        assert_eq!(header_text("Instagram: password changed"), "Instagram: password changed");
        assert_eq!(header_text("ä"), "=?UTF-8?B?w6Q=?=");
        for word in header_text(&"ä€𝄞".repeat(30)).split("\r\n ") {
            let inner = word.trim_start_matches("=?UTF-8?B?").trim_end_matches("?=");
            assert!(word.len() <= 75);
            String::from_utf8(BASE64.decode(inner.as_bytes()).unwrap()).expect("whole letters");
        }
    }
}
