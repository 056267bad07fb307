//! What a request says that it is for, in two headers that every endpoint takes.

use axum::http::HeaderMap;
use countersign_model::{Actor, Purpose, Reason, Ticket};

use crate::Problem;

/// Why, for the record; where a body or a query has a reason of its own, that one counts.
pub(crate) const REASON: &str = "countersign-reason";
/// The number of a ticket.
pub(crate) const TICKET: &str = "countersign-ticket";

/// Reads both headers. What is not ASCII in them is percent-encoded UTF-8 (RFC 3986 §2.1).
pub(crate) fn purpose_of(headers: &HeaderMap) -> Result<Purpose, Problem> {
    let text = |name: &'static str| -> Result<Option<String>, Problem> {
        let Some(value) = headers.get(name) else { return Ok(None) };
        let text = value.to_str().ok().and_then(decoded);
        let text = text.ok_or_else(|| Problem::invalid(name, "cannot be read: send UTF-8, percent-encoded"))?;
        Ok(Some(text).filter(|text| !text.trim().is_empty()))
    };
    Ok(Purpose {
        reason: text(REASON)?.as_deref().map(Reason::parse).transpose()?,
        ticket: text(TICKET)?.as_deref().map(Ticket::parse).transpose()?,
        fills_at: None,
    })
}

/// The actor with a ticket that came in a body or a query, which counts before the header's.
pub(crate) fn with_ticket(actor: Actor, ticket: Option<&str>) -> Result<Actor, Problem> {
    let ticket = ticket.filter(|text| !text.trim().is_empty()).map(Ticket::parse).transpose()?;
    let purpose = Purpose { ticket: ticket.or(actor.purpose.ticket), ..actor.purpose };
    Ok(Actor { purpose, ..actor })
}

/// The reason in a body; a blank one is none.
pub(crate) fn parse_reason(text: Option<String>) -> Result<Option<Reason>, Problem> {
    let text = text.filter(|text| !text.trim().is_empty());
    Ok(text.as_deref().map(Reason::parse).transpose()?)
}

/// `%C3%A4` → `ä`; a percent sign that begins no such thing is one.
fn decoded(text: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((first, after)) = rest.split_first() {
        let digits = after.get(..2).and_then(|two| std::str::from_utf8(two).ok());
        let byte = digits.filter(|two| two.bytes().all(|it| it.is_ascii_hexdigit()));
        match byte.and_then(|two| u8::from_str_radix(two, 16).ok()).filter(|_| *first == b'%') {
            Some(byte) => {
                bytes.push(byte);
                rest = &after[2..];
            }
            None => {
                bytes.push(*first);
                rest = after;
            }
        }
    }
    String::from_utf8(bytes).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headers_are_read_as_text_and_as_percent_encoded_text() {
        for (sent, read) in [
            ("a fix", Some("a fix")),
            ("100% sure", Some("100% sure")),
            ("f%C3%BCr Ana", Some("für Ana")),
            ("%2", Some("%2")),
            ("%zz%", Some("%zz%")),
            ("%ff", None),
        ] {
            assert_eq!(decoded(sent).as_deref(), read, "{sent}");
        }
        let mut headers = HeaderMap::new();
        assert_eq!(purpose_of(&headers).unwrap(), Purpose::default());
        headers.insert(REASON, " ".parse().unwrap());
        headers.insert(TICKET, "OPS-17".parse().unwrap());
        let purpose = purpose_of(&headers).unwrap();
        assert!(purpose.reason.is_none() && purpose.ticket.is_some_and(|ticket| ticket.as_str() == "OPS-17"));
        headers.insert(REASON, "a%00b".parse().unwrap());
        assert_eq!(purpose_of(&headers).unwrap_err().status, 422);
    }
}
