//! What was done, for people: no secret, no query of an address.

use countersign_recipe::{PageKind, Step, TypedValue, unloaded_frames};
use countersign_snapshot::Frame;

use crate::{Note, PageView, Walk};

/// Of a password that would have stood in an address.
const KEPT_BACK: &str =
    "the page would have put the password into the URL (as a form with method GET does), so that was not done";

/// That a frame stayed empty, and why.
fn unloaded(frame: &Frame) -> String {
    let why = [&frame.refusal, &frame.load_error].into_iter().find(|why| !why.is_empty());
    let why = why.map_or("no reason is known", String::as_str);
    format!("a frame with {} was not loaded: {why}", place(&frame.address))
}

impl Walk {
    /// What a page lacks, and what was not done on it: people look for the reason there.
    pub(crate) fn tell_of_page(&mut self, view: PageView<'_>) -> Vec<Note> {
        const MAX_TOLD: usize = 5;
        let kept_back = view.snapshot.frames.iter().any(|frame| frame.kept_back);
        let texts: Vec<String> =
            unloaded_frames(view.snapshot).map(unloaded).chain(kept_back.then(|| KEPT_BACK.to_owned())).collect();
        let mut notes = Vec::new();
        for text in texts {
            let room = self.told.len() < MAX_TOLD || text == KEPT_BACK;
            if room && self.told.insert(text.clone()) {
                notes.push(self.say(&text, false));
            }
        }
        notes
    }
}

/// What a step was, once it was carried out; empty for what is no step.
pub(crate) fn describe(act: &Step) -> String {
    match act {
        Step::Open { address } => format!("opened {}", place(address)),
        Step::Follow { name, address, .. } => match (name.as_str(), address) {
            ("", Some(address)) => format!("followed a link to {}", place(address)),
            ("", None) => "pressed a button without a name".to_owned(),
            (name, _) => format!("followed \"{}\"", cut(name)),
        },
        Step::Choose { entry, .. } => format!("chose \"{}\"", cut(entry)),
        Step::Dismiss { .. } => "closed what lay over the page".to_owned(),
        Step::PressEnter { .. } => "pressed Enter".to_owned(),
        Step::Answer { question: PageKind::Trust, yes: true, .. } => "answered: trust this browser".to_owned(),
        Step::Answer { question: PageKind::Trust, .. } => "answered: do not trust this browser".to_owned(),
        Step::Answer { question: PageKind::Methods, .. } => "chose how to sign in".to_owned(),
        Step::Answer { .. } => "confirmed".to_owned(),
        Step::AnswerWindow { .. } => "entered user name and password in the browser's sign-in window".to_owned(),
        Step::Fill(fill) => {
            let mut names: Vec<&str> = Vec::new();
            for entry in &fill.entries {
                let name = match entry.what {
                    TypedValue::Username => "the user name",
                    TypedValue::Password => "the password",
                    TypedValue::NewPassword => "the new password",
                    TypedValue::Token => "a token",
                    TypedValue::Extra(_) => "an extra field",
                };
                if !names.contains(&name) {
                    names.push(name);
                }
            }
            let sent = if fill.send { " and sent the form" } else { "; a person sends it" };
            format!("entered {}{sent}", names.join(" and "))
        }
        Step::Compare { .. }
        | Step::Wait
        | Step::Park(_)
        | Step::SignedIn(_)
        | Step::Submitted(_)
        | Step::GiveUp(_) => String::new(),
    }
}

fn place(address: &str) -> String {
    let plain = address.split(['?', '#']).next().unwrap_or_default();
    cut(plain)
}

fn cut(text: &str) -> String {
    const MAX: usize = 80;
    match text.char_indices().nth(MAX) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn promise_7_what_is_told_of_an_act_holds_no_query() {
        let open = Step::Open { address: "https://example.org/reset?token=abc#x".into() };
        assert_eq!(describe(&open), "opened https://example.org/reset");
        let frame = Frame {
            address: "https://example.org:8443/in?token=abc".into(),
            load_error: "ADDRESS_REFUSED".into(),
            ..Frame::default()
        };
        let told = "a frame with https://example.org:8443/in was not loaded: ";
        assert_eq!(unloaded(&frame), format!("{told}ADDRESS_REFUSED"));
        let refused = Frame { refusal: "nobody has named that port".into(), ..frame };
        assert_eq!(unloaded(&refused), format!("{told}nobody has named that port"));
    }
}
