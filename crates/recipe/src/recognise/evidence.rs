//! What a page shows of whether somebody is signed in, apart from its forms: ways out and in, names, words of refusal.

use countersign_snapshot::{Button, Field, Frame, Hue, PageLink, PageSnapshot, Region, Text, TextRole};

use super::{form::path_of, message::MessageKind};
use crate::{
    SiteKnowledge,
    words::{Concept, Meaning, attribute_meaning, fold, meaning},
};

/// What is longer explains.
const SHORT: usize = 160;
/// A name of something to press has so many letters at most; a headline about signing out has more.
const LONGEST_NAME: usize = 60;

/// What is seen of the page apart from its forms.
pub(super) struct PageEvidence {
    pub(super) signed_in: bool,
    pub(super) signed_out: bool,
    pub(super) widget: bool,
    /// What the headings and short texts say.
    pub(super) says: Meaning,
    /// What headings and alerts say.
    pub(super) loud: Meaning,
    /// What the headings say; on a page without any, everything. Alerts may always be there and mean nothing.
    pub(super) title: Meaning,
    pub(super) lines: bool,
}

impl PageEvidence {
    pub(super) fn of(snapshot: &PageSnapshot) -> Self {
        let frames: Vec<&Frame> = snapshot.visible_frames().map(|(_, frame)| frame).collect();
        let mut nature = Self {
            signed_in: frames.iter().any(|frame| offers_way_out(frame)),
            signed_out: frames.iter().any(|frame| offers_way_in(frame)),
            widget: frames.iter().any(|frame| frame.challenges.iter().any(|one| one.visible && !one.solved)),
            says: Meaning::nothing(),
            loud: Meaning::nothing(),
            title: Meaning::nothing(),
            lines: frames.iter().any(|frame| frame.fields.iter().any(asks_for_a_line)),
        };
        let is_heading = |text: &&Text| matches!(text.role, TextRole::Heading(1 | 2));
        let texts = || frames.iter().flat_map(|frame| &frame.texts);
        let headed = texts().any(|text| is_heading(&text));
        nature.title = (texts().filter(|text| !headed || is_heading(text)).take(6))
            .fold(nature.title, |all, text| all.and(meaning(&text.text)));
        for text in texts().filter(|text| text.text.chars().count() <= 200) {
            let says = meaning(&text.text);
            nature.says = nature.says.and(says);
            if matches!(text.role, TextRole::Heading(_) | TextRole::Alert | TextRole::Status) {
                nature.loud = nature.loud.and(says);
            }
        }
        nature
    }
}

/// A line to fill that is what the page is about; newsletters and searches stand at the edges of all pages.
pub(crate) fn asks_for_a_line(field: &Field) -> bool {
    let fixed = field.disabled || field.read_only && field.filled;
    field.hidden.is_none() && !fixed && field.kind.is_line() && !is_edge(field.region)
}

pub(super) const fn is_edge(region: Region) -> bool {
    matches!(region, Region::Header | Region::Navigation | Region::Footer | Region::Aside | Region::Search)
}

/// A link, button or form that signs out.
fn offers_way_out(frame: &Frame) -> bool {
    let out = |name: &str, attributes: Meaning| {
        let says = meaning(name);
        let short = name.chars().count() <= LONGEST_NAME;
        // "Start the sign-in anew" leads over the way out, and is none.
        let other = says.any(&[Concept::SignIn, Concept::Cancel]);
        short && (says.has(Concept::SignOut) || attributes.has(Concept::SignOut) && !other)
    };
    let sends = |button: &Button| {
        let form = button.form.and_then(|index| frame.forms.get(index as usize));
        form.map_or(Meaning::nothing(), |form| attribute_meaning(&form.action_path))
    };
    frame.buttons.iter().any(|button| out(&button.name, attribute_meaning(&button.hints).and(sends(button))))
        || frame.links.iter().any(|link| out(&link.name, attribute_meaning(path_of(&link.address))))
}

/// A link or button that leads to a way in.
fn offers_way_in(frame: &Frame) -> bool {
    let names = frame.buttons.iter().map(|button| &button.name).chain(frame.links.iter().map(|link| &link.name));
    names.map(|name| meaning(name)).any(|says| {
        // "Sign-in and security", "Signing in": settings of somebody who is in.
        let settings = says.any(&[Concept::Security, Concept::Settings, Concept::Sessions]);
        says.any(&[Concept::SignIn, Concept::SignUp]) && !says.has(Concept::SignOut) && !settings
    })
}

/// Whether the account is named, or has its menu, where a stranger would not see it. `asks`: the page asks for a secret, so that
/// a name in it may be what somebody has just typed.
pub(super) fn shows_account(snapshot: &PageSnapshot, site: &SiteKnowledge, asks: bool, signed_out: bool) -> bool {
    snapshot.visible_frames().any(|(_, frame)| {
        let named = |name: &str| site.names().any(|own| names_somebody(name, own));
        let button = |button: &Button| {
            let says = meaning(&button.name);
            let menu = button.opens
                && says.has(Concept::Menu)
                && says.any(&[Concept::Account, Concept::Profile, Concept::Username]);
            let initials = button.opens && is_edge(button.region) && is_initials(&button.name);
            (!asks || is_edge(button.region)) && named(&button.name) || (menu || initials) && !signed_out && !asks
        };
        let link = |link: &PageLink| (!asks || is_edge(link.region)) && named(&link.name);
        let text = |text: &Text| {
            let says = meaning(&text.text);
            let refuses = says.any(&[Concept::Wrong, Concept::Denied, Concept::Locked, Concept::Missing]);
            let greets = [Concept::Greeting].iter().any(|one| says.has(*one)) || is_edge(text.region);
            !asks
                && text.form.is_none()
                && !refuses
                && text.text.chars().count() <= SHORT
                && greets
                && named(&text.text)
        };
        frame.buttons.iter().any(button) || frame.links.iter().any(link) || frame.texts.iter().any(text)
    })
}

/// Whether a text names somebody as a word of its own, or as the first part of a mail address.
pub(crate) fn names_somebody(text: &str, own: &str) -> bool {
    let own = fold(own);
    own.chars().count() >= 3 && format!(" {} ", fold(text)).contains(&format!(" {own} "))
}

/// Two capitals at most, as stand in the round mark of an account.
fn is_initials(name: &str) -> bool {
    let name = name.trim();
    (1..=2).contains(&name.chars().count()) && name.chars().all(char::is_uppercase)
}

/// What the texts say against being signed in, wherever they stand and whether they are new or not. What only helps ("Forgot your
/// password?"), asks, or holds under a condition refuses nobody.
pub(super) fn refusals(snapshot: &PageSnapshot) -> Vec<(MessageKind, String)> {
    const MAX: usize = 20;
    let texts = snapshot.visible_frames().flat_map(|(_, frame)| &frame.texts);
    let all = texts.filter_map(|text| Some((refuses(text)?, text.text.trim().chars().take(SHORT).collect())));
    all.take(MAX).collect()
}

fn refuses(text: &Text) -> Option<MessageKind> {
    let said = text.text.trim();
    let marked = matches!(text.role, TextRole::Alert | TextRole::Status | TextRole::Heading(_)) || text.hue == Hue::Red;
    let long = said.chars().count() > SHORT;
    if said.ends_with(['?', '？', '؟']) || long && !marked || is_conditional(said) || text.hue == Hue::Green {
        return None;
    }
    let says = meaning(said);
    if says.has(Concept::Done) && text.hue != Hue::Red {
        return None;
    }
    let code =
        says.any(&[Concept::Code, Concept::Authenticator]) && !says.any(&[Concept::Username, Concept::FormToken]);
    let about =
        [Concept::Password, Concept::Username, Concept::Email, Concept::Code, Concept::SignIn, Concept::Account];
    if says.has(Concept::Locked) {
        Some(MessageKind::Locked)
    } else if says.has(Concept::Wrong) && (says.any(&about) || marked) {
        Some(if code { MessageKind::WrongToken } else { MessageKind::WrongPassword })
    } else if says.has(Concept::Denied) {
        Some(MessageKind::SomethingWrong)
    } else if says.has(Concept::TooMany) && marked {
        Some(MessageKind::TooMany)
    } else if says.has(Concept::Broken) && marked {
        Some(MessageKind::Broken)
    } else if text.hue == Hue::Red && said.chars().filter(|letter| letter.is_alphabetic()).count() >= 8 {
        // Red says something in every language.
        Some(MessageKind::SomethingWrong)
    } else {
        None
    }
}

/// "If you entered a wrong password": says what would be.
fn is_conditional(text: &str) -> bool {
    const IF: &[&str] =
        &["if ", "wenn ", "falls ", "si ", "se ", "als ", "jesli ", "om ", "hvis ", "jos ", "pokud ", "eger ", "если "];
    let folded = fold(text);
    IF.iter().any(|word| folded.starts_with(word))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(said: &str, role: TextRole, hue: Hue) -> Text {
        Text { text: said.into(), role, hue, ..Text::default() }
    }

    #[test]
    fn what_refuses_and_what_only_helps() {
        let plain = |said: &str| refuses(&text(said, TextRole::Plain, Hue::Neutral));
        for (said, refused) in [
            ("Wrong user name or password. Try again", Some(MessageKind::WrongPassword)),
            (r#"{"error":"invalid_grant"}"#, Some(MessageKind::SomethingWrong)),
            ("Access denied", Some(MessageKind::SomethingWrong)),
            ("401 Unauthorized", Some(MessageKind::SomethingWrong)),
            ("Forbidden", Some(MessageKind::SomethingWrong)),
            ("You are not authorised to see this page.", Some(MessageKind::SomethingWrong)),
            ("Zugriff verweigert", Some(MessageKind::SomethingWrong)),
            ("Falsches Passwort", Some(MessageKind::WrongPassword)),
            ("Accès refusé", Some(MessageKind::SomethingWrong)),
            ("The code is wrong.", Some(MessageKind::WrongToken)),
            ("Forgot your password?", None),
            ("Wrong account?", None),
            ("If the password is wrong, ask us.", None),
            ("Welcome back, mara", None),
            ("Nothing new today.", None),
            ("Your password has been changed.", None),
        ] {
            assert_eq!(plain(said), refused, "{said}");
        }
        assert_eq!(
            refuses(&text("Sign-in failed", TextRole::Heading(1), Hue::Neutral)),
            Some(MessageKind::WrongPassword)
        );
        assert_eq!(refuses(&text("Xyzzy plugh abc", TextRole::Plain, Hue::Red)), Some(MessageKind::SomethingWrong));
        assert_eq!(refuses(&text("*", TextRole::Plain, Hue::Red)), None);
    }

    #[test]
    fn names_stand_alone() {
        for (said, named) in [
            ("Welcome back, mara", true),
            ("Mara ▾", true),
            ("mara@example.org", true),
            ("Tamara", false),
            ("marathon", false),
        ] {
            assert_eq!(names_somebody(said, "mara"), named, "{said}");
        }
    }
}
