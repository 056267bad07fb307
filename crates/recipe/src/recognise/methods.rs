//! The ways to sign in, or to give the second factor, that a page offers to choose from.

use std::collections::BTreeSet;

use countersign_snapshot::{Button, ButtonKind, ElementRef, Field, FieldKind, Frame, PageSnapshot, Region};

use crate::{
    SiteKnowledge,
    words::{Concept, Meaning, fold, meaning},
};

/// A way to sign in, or to give the second factor, that a page offers to choose.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MethodChoice {
    /// Which.
    pub method: Method,
    /// What to press, the radio button to choose, or the list to choose it in.
    pub element: ElementRef,
    /// What it is called.
    pub name: String,
    /// What to press after that: the button that sends the choice of a radio button or a list.
    pub then: Option<ElementRef>,
}

/// Which way to sign in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Method {
    /// A code of an authenticator app: ours.
    Authenticator,
    /// The password: ours.
    Password,
    /// Shows more ways.
    Other,
    /// A passkey or security key.
    Passkey,
    /// A push to a phone. Never chosen: it would wake somebody.
    Push,
    /// A code by SMS, call or mail. Never chosen: it would send one.
    Message,
    /// A recovery code. Never chosen: there are few.
    Recovery,
}

/// What is longer explains, and offers nothing.
const LONGEST: usize = 90;

/// The ways a page offers, in reading order. `submit` is the button of the form that the page is about: it sends, whatever it
/// says. Where the page asks which account is meant, the account's own name is the way to its password.
pub(super) fn methods(snapshot: &PageSnapshot, site: &SiteKnowledge, submit: Option<&ElementRef>) -> Vec<MethodChoice> {
    let mut all = Vec::new();
    for (_, frame) in
        snapshot.visible_frames().filter(|(_, frame)| frame.parent.is_none() || site.allows(&frame.origin))
    {
        let account = site.account.as_deref().filter(|_| asks_for_account(frame));
        let choose = |name: &str| match account {
            Some(account) if names_exactly(name, account) => Some(Method::Password),
            _ => method_of(name),
        };
        let mut found: Vec<(u32, MethodChoice)> = Vec::new();
        let mut offer = |order: u32, element: ElementRef, name: &str, then: Option<ElementRef>| {
            if let Some(method) = choose(name).filter(|_| Some(&element) != submit) {
                found.push((order, MethodChoice { method, element, name: name.to_owned(), then }));
            }
        };
        for button in frame.buttons.iter().filter(|button| may_be_pressed(button) && !sends_lines(frame, button)) {
            offer(button.order, frame.reference(button.node), &button.name, None);
        }
        for link in frame.links.iter().filter(|link| !link.covered && is_within(link.region)) {
            if !link.address.starts_with("http") || site.allows(&link.address) {
                offer(link.order, frame.reference(link.node), &link.name, None);
            }
        }
        for radio in frame.fields.iter().filter(|field| field.kind == FieldKind::Radio && field.usable()) {
            if let Some(button) = sends(frame, radio) {
                offer(radio.order, frame.reference(radio.node), radio.words.name(), Some(frame.reference(button.node)));
            }
        }
        for list in frame.fields.iter().filter(|field| field.kind == FieldKind::Select && field.usable()) {
            // One entry that looks like a way may be anything; several are a choice of ways.
            if list.entries.iter().filter(|entry| method_of(entry).is_some()).count() >= 2 {
                let then = sends(frame, list).map(|button| frame.reference(button.node));
                list.entries.iter().for_each(|entry| {
                    offer(list.order, frame.reference(list.node), entry, then.clone());
                });
            }
        }
        found.sort_by_key(|(order, _)| *order);
        all.extend(found.into_iter().map(|(_, choice)| choice));
    }
    all
}

/// Whether a page without a form of ours asks by which way to go on. `says` is what its texts say.
pub(super) fn asks_which(snapshot: &PageSnapshot, methods: &[MethodChoice], says: Meaning) -> bool {
    let kinds: BTreeSet<Method> = methods.iter().map(|choice| choice.method).collect();
    let ours = [Method::Authenticator, Method::Password, Method::Other].iter().any(|one| kinds.contains(one));
    let about = [
        Concept::SignIn,
        Concept::Code,
        Concept::Authenticator,
        Concept::Reauth,
        Concept::Location,
        Concept::Passkey,
        Concept::AnotherWay,
        Concept::Push,
        Concept::Sent,
    ];
    let stands_still = [Concept::Passkey, Concept::Push, Concept::AnotherWay, Concept::Location, Concept::Sent];
    let chooser = snapshot.visible_frames().any(|(_, frame)| asks_for_account(frame));
    // A list of ways needs no words beside it.
    let in_one_list = methods.windows(2).any(|pair| pair[0].element == pair[1].element);
    chooser && kinds.contains(&Method::Password)
        || kinds.len() >= 2 && in_one_list
        || kinds.len() >= 2 && says.any(&about)
        || kinds.len() == 1 && ours && says.any(&stands_still)
}

/// Which way a name stands for.
pub(super) fn method_of(name: &str) -> Option<Method> {
    use Concept::{
        AnotherWay, Authenticator, Cancel, Change, Close, Code, Delete, Email, Forgot, New, Newsletter, OtherWay,
        Passkey, Password, Phone, Push, Recovery, Repeat, Sent, Settings, Show, SignOut, SignUp,
    };
    if name.is_empty() || name.chars().count() > LONGEST {
        return None;
    }
    let says = meaning(name);
    if says.any(&[Forgot, SignUp, SignOut, Delete, Cancel, Close, Show, Settings, Newsletter]) {
        return None;
    }
    let ways = [
        (says.has(Recovery), Method::Recovery),
        (says.has(Passkey), Method::Passkey),
        (says.has(Push) && !says.has(Code), Method::Push),
        (says.any(&[Phone, Sent]) || says.has(Email) && !says.has(Authenticator), Method::Message),
        (says.has(Authenticator), Method::Authenticator),
        (says.has(AnotherWay), Method::Other),
        (says.has(Code) && !says.any(&[OtherWay, New, Repeat]), Method::Authenticator),
        (says.has(Password) && !says.any(&[New, Change, Repeat]), Method::Password),
    ];
    ways.into_iter().find(|(said, _)| *said).map(|(_, method)| method)
}

/// Whether a frame asks which of several accounts is meant.
fn asks_for_account(frame: &Frame) -> bool {
    frame
        .texts
        .iter()
        .take(20)
        .any(|text| text.text.chars().count() <= 80 && meaning(&text.text).has(Concept::ChooseAccount))
}

/// Whether the account is called so, alone or beside other words: "Mara mara@example.org Signed out".
fn names_exactly(name: &str, account: &str) -> bool {
    let account = fold(account);
    let name = fold(name);
    !account.is_empty() && format!(" {name} ").contains(&format!(" {account} "))
}

fn may_be_pressed(button: &Button) -> bool {
    !button.disabled && !button.covered && button.kind != ButtonKind::Reset && is_within(button.region)
}

/// What stands at the edges of every page is no way to sign in.
const fn is_within(region: Region) -> bool {
    !matches!(region, Region::Header | Region::Navigation | Region::Footer | Region::Search)
}

/// Whether a button sends a form that has lines to fill: "Verify code".
fn sends_lines(frame: &Frame, button: &Button) -> bool {
    let has_lines =
        || frame.fields.iter().any(|field| field.form == button.form && field.kind.is_line() && field.hidden.is_none());
    button.kind == ButtonKind::Submit && button.form.is_some() && has_lines()
}

/// The button that sends the choice of a radio button or a list.
fn sends<'a>(frame: &'a Frame, field: &Field) -> Option<&'a Button> {
    let after = frame.buttons.iter().filter(|button| {
        button.form == field.form && button.dialog == field.dialog && !button.disabled && button.order > field.order
    });
    after.min_by_key(|button| (button.kind != ButtonKind::Submit, button.order))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ways_are_known_by_their_names() {
        for (name, method) in [
            ("Enter a code from your authenticator app", Some(Method::Authenticator)),
            ("Use a verification code", Some(Method::Authenticator)),
            ("Enter the code from the app on your phone", Some(Method::Message)),
            ("Get a push on your phone", Some(Method::Push)),
            ("Approve a request on my Authenticator app", Some(Method::Push)),
            ("Text a code to •••• 34", Some(Method::Message)),
            ("Email me a code", Some(Method::Message)),
            ("Use a recovery code", Some(Method::Recovery)),
            ("Use a passkey", Some(Method::Passkey)),
            ("Continue with security key", Some(Method::Passkey)),
            ("Try another way", Some(Method::Other)),
            ("Use password instead", Some(Method::Password)),
            ("Enter your password", Some(Method::Password)),
            ("Passwort verwenden", Some(Method::Password)),
            ("Code aus der Authentifizierungs-App eingeben", Some(Method::Authenticator)),
            ("Auf andere Weise anmelden", Some(Method::Other)),
            ("Utiliser un mot de passe", Some(Method::Password)),
            ("Essayer une autre méthode", Some(Method::Other)),
            ("Forgot your password?", None),
            ("Change password", None),
            ("Resend code", None),
            ("Continue", None),
        ] {
            assert_eq!(method_of(name), method, "{name}");
        }
    }
}
