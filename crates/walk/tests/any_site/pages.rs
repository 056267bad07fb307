//! What the pages of the modelled site look like, recognised once each.

use std::{collections::HashMap, sync::Arc};

use countersign_recipe::{Recognised, SiteKnowledge, recognise};
use countersign_snapshot::{
    Button, ButtonKind, Field, FieldKind, Form, Frame, PageLink, PageResponse, PageSnapshot, Text, TextRole, Words,
};

pub(crate) const SITE: &str = "https://example.org";

/// A page of the site.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Screen {
    /// For somebody unknown: a way in, or nothing that says so.
    Front { silent: bool },
    /// For somebody signed in: a way out, or nothing that says so.
    Home { silent: bool },
    /// Name and password; with an error, in words or only emptied.
    SignIn { error: Error, captcha: bool, filled: bool },
    /// The name alone.
    Name { error: Error },
    /// The password alone, after the name.
    Password { error: Error },
    /// The token.
    Token { error: Error },
    /// A refusal without a form.
    Refused { words: bool },
    /// A question that nobody knows.
    Question,
    /// Whether this sign-in was the owner's.
    Location,
    /// Where the password can be changed.
    Settings,
    /// The form for a new password; with what it says after it was sent.
    Change { said: Said, twice: bool },
    /// The page after the change, for somebody who is signed in or not any more.
    After { said: Said, out: bool },
    /// The site is broken.
    Broken,
    /// Too many tries.
    Locked,
    /// Nothing is there.
    Missing,
}

/// What a form says when it comes again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Error {
    None,
    Silent,
    Words,
}

/// What the site says of a change.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Said {
    Nothing,
    Changed,
    Refused,
    Wrong,
}

/// A page with what it was recognised as.
pub(crate) type Known = Arc<(PageSnapshot, Recognised)>;

/// Pages that were drawn before. `load` tells documents of the same page apart.
#[derive(Default)]
pub(crate) struct Pages(HashMap<(Screen, u8), Known>);

impl Pages {
    pub(crate) fn show(&mut self, screen: Screen, load: u8) -> Known {
        Arc::clone(self.0.entry((screen, load)).or_insert_with(|| {
            let snapshot = draw(screen, load);
            let read = recognise(&snapshot, &SiteKnowledge::at(&format!("{SITE}/")));
            Arc::new((snapshot, read))
        }))
    }
}

struct Sketch(Frame, u16);

impl Sketch {
    fn new(path: &str, heading: &str, load: u8) -> Self {
        let texts = vec![Text { order: 1, text: heading.into(), role: TextRole::Heading(1), ..Text::default() }];
        let frame = Frame {
            id: "F".into(),
            document: format!("D{path}{load}"),
            origin: SITE.into(),
            address: format!("{SITE}{path}"),
            title: heading.into(),
            texts,
            ..Frame::default()
        };
        Self(frame, 200)
    }

    fn next(&self) -> u32 {
        let frame = &self.0;
        u32::try_from(2 + frame.fields.len() + frame.buttons.len() + frame.links.len() + frame.texts.len()).unwrap()
    }

    fn link(mut self, name: &str, path: &str) -> Self {
        let node = self.next();
        let address = format!("{SITE}{path}");
        self.0.links.push(PageLink { node, order: node, name: name.into(), address, ..PageLink::default() });
        self
    }

    fn line(mut self, kind: FieldKind, label: &str, autocomplete: &str, filled: bool) -> Self {
        let node = self.next();
        if self.0.forms.is_empty() {
            self.0.forms.push(Form { real: true, ..Form::default() });
        }
        let words = Words { label: label.into(), ..Words::default() };
        let autocomplete = autocomplete.into();
        self.0.fields.push(Field {
            node,
            order: node,
            kind,
            words,
            autocomplete,
            filled,
            form: Some(0),
            ..Field::default()
        });
        self
    }

    fn button(mut self, name: &str) -> Self {
        let node = self.next();
        let kind = ButtonKind::Submit;
        let form = (!self.0.forms.is_empty()).then_some(0);
        self.0.buttons.push(Button { node, order: node, name: name.into(), kind, form, ..Button::default() });
        self
    }

    fn alert(mut self, text: &str) -> Self {
        let order = self.next();
        self.0.texts.push(Text { order, text: text.into(), role: TextRole::Alert, ..Text::default() });
        self
    }

    fn says(mut self, text: &str) -> Self {
        let order = self.next();
        self.0.texts.push(Text { order, text: text.into(), ..Text::default() });
        self
    }

    const fn status(mut self, status: u16) -> Self {
        self.1 = status;
        self
    }

    fn snapshot(self) -> PageSnapshot {
        let answer = Some(PageResponse { status: self.1, ..PageResponse::default() });
        PageSnapshot { frames: vec![self.0], answer, settled: true, ..PageSnapshot::default() }
    }
}

/// The pages of signing in that ask for something.
fn asks_who(screen: Screen, load: u8) -> Sketch {
    let page = |path: &str, heading: &str| Sketch::new(path, heading, load);
    let with = |sketch: Sketch, error: Error, words: &str| {
        if error == Error::Words { sketch.alert(words) } else { sketch }
    };
    match screen {
        Screen::SignIn { error, captcha, filled } => {
            let sketch = page("/login", "Log in").line(FieldKind::Text, "Username", "username", filled).line(
                FieldKind::Password,
                "Password",
                "current-password",
                filled,
            );
            let sketch =
                if captcha { sketch.line(FieldKind::Text, "Captcha: what is 3 + 4?", "", false) } else { sketch };
            with(sketch.button("Log in"), error, "Wrong username or password.")
        }
        Screen::Name { error } => {
            let sketch = page("/login", "Log in").line(FieldKind::Text, "Username", "username", false);
            with(sketch.button("Next"), error, "Wrong username or password.")
        }
        Screen::Password { error } => {
            let sketch = page("/login", "Log in").line(FieldKind::Password, "Password", "current-password", false);
            with(sketch.button("Log in"), error, "Wrong username or password.")
        }
        Screen::Token { error } => {
            let sketch = page("/totp", "Two-factor authentication").says("Enter the code from your authenticator app.");
            let sketch = sketch.line(FieldKind::Text, "Authentication code", "one-time-code", false);
            with(sketch.button("Verify"), error, "Wrong code.")
        }
        other => unreachable!("{other:?} asks nothing"),
    }
}

fn draw(screen: Screen, load: u8) -> PageSnapshot {
    let page = |path: &str, heading: &str| Sketch::new(path, heading, load);
    match screen {
        Screen::Front { silent: false } => page("/", "Acorn").says("A place.").link("Log in", "/login"),
        Screen::Front { silent: true } | Screen::Home { silent: true } => {
            page("/", "Acorn").says("News of today.").link("Imprint", "/imprint").link("Settings", "/settings")
        }
        Screen::Home { silent: false } => {
            page("/", "Welcome back").link("Settings", "/settings").link("Log out", "/logout")
        }
        Screen::SignIn { .. } | Screen::Name { .. } | Screen::Password { .. } | Screen::Token { .. } => {
            asks_who(screen, load)
        }
        Screen::Refused { words: true } => {
            page("/login", "Sign-in failed").alert("Wrong user name or password.").link("Try again", "/login")
        }
        Screen::Refused { words: false } => page("/login", "Acorn").says("Nothing to see.").status(403),
        Screen::Question => page("/answer", "Sign in")
            .line(FieldKind::Text, "What was your first teacher's name?", "", false)
            .button("Submit"),
        Screen::Location => page("/location", "Was this you?")
            .says("A sign-in from an unusual location. Is this sign-in yours?")
            .button("Yes, it was me")
            .button("No"),
        Screen::Settings => page("/settings", "Settings")
            .link("Change password", "/password")
            .link("Profile", "/profile")
            .link("Log out", "/logout"),
        Screen::Change { said, twice } => {
            let mut sketch = page("/password", "Change password")
                .line(FieldKind::Password, "Current password", "current-password", false)
                .line(FieldKind::Password, "New password", "new-password", false);
            if twice {
                sketch = sketch.line(FieldKind::Password, "Repeat new password", "new-password", false);
            }
            tell(sketch.button("Change password").link("Log out", "/logout"), said)
        }
        Screen::After { said, out } => {
            let sketch = page("/done", "Acorn");
            tell(if out { sketch.link("Log in", "/login") } else { sketch.link("Log out", "/logout") }, said)
        }
        Screen::Broken => page("/", "Something went wrong").says("Internal server error").status(500),
        Screen::Locked => page("/login", "Your account is locked").alert("Your account has been locked."),
        Screen::Missing => page("/missing", "Page not found").status(404),
    }
    .snapshot()
}

fn tell(sketch: Sketch, said: Said) -> Sketch {
    match said {
        Said::Nothing => sketch,
        Said::Changed => sketch.alert("Your password has been changed."),
        Said::Refused => sketch.alert("The new password is too short."),
        Said::Wrong => sketch.alert("The current password is wrong."),
    }
}
