//! One small page a rule: what the recogniser must make of it, whatever the site.

use countersign_picture::{
    Button, ButtonKind, Dialog, Field, FieldKind, Form, Frame, Hidden, Image, Link, PagePicture, Place, Region, Text,
    TextRole, Words,
};
use countersign_recipe::{PageKind, Recognised, Role, SiteKnowledge, recognise};

const SITE: &str = "https://example.org";

/// A page that is built line by line, in reading order.
#[derive(Default)]
struct Page(Frame);

impl Page {
    fn new() -> Self {
        let form = Form { real: true, action_origin: Some(SITE.into()), ..Form::default() };
        Self(Frame {
            id: "F".into(),
            document: "D".into(),
            origin: SITE.into(),
            address: format!("{SITE}/x"),
            forms: vec![form.clone(), form],
            ..Frame::default()
        })
    }

    fn next(&self) -> u32 {
        let frame = &self.0;
        1 + u32::try_from(
            frame.fields.len() + frame.buttons.len() + frame.links.len() + frame.texts.len() + frame.images.len(),
        )
        .unwrap_or_default()
    }

    fn field(self, kind: FieldKind, label: &str) -> Self {
        self.field_with(kind, label, |_| {})
    }

    fn field_with(mut self, kind: FieldKind, label: &str, change: impl FnOnce(&mut Field)) -> Self {
        let order = self.next();
        let mut field = Field {
            node: order,
            order,
            kind,
            words: Words { label: label.into(), ..Words::default() },
            form: Some(0),
            place: Place { x: 100, y: 60 * i32::try_from(order).unwrap_or_default(), w: 300, h: 40 },
            ..Field::default()
        };
        change(&mut field);
        self.0.fields.push(field);
        self
    }

    fn button(self, name: &str) -> Self {
        self.button_with(name, |_| {})
    }

    fn button_with(mut self, name: &str, change: impl FnOnce(&mut Button)) -> Self {
        let order = self.next();
        let mut button = Button {
            node: order,
            order,
            name: name.into(),
            form: Some(0),
            place: Place { x: 100, y: 60 * i32::try_from(order).unwrap_or_default(), w: 100, h: 40 },
            ..Button::default()
        };
        change(&mut button);
        self.0.buttons.push(button);
        self
    }

    fn link(mut self, name: &str, path: &str) -> Self {
        let order = self.next();
        let address = format!("{SITE}{path}");
        self.0.links.push(Link { node: order, order, name: name.into(), address, form: None, ..Link::default() });
        self
    }

    fn heading(self, text: &str) -> Self {
        self.text_with(text, |text| text.role = TextRole::Heading(1))
    }

    fn text(self, text: &str) -> Self {
        self.text_with(text, |_| {})
    }

    fn text_with(mut self, text: &str, change: impl FnOnce(&mut Text)) -> Self {
        let mut text = Text { order: self.next(), text: text.into(), ..Text::default() };
        change(&mut text);
        self.0.texts.push(text);
        self
    }

    fn image(mut self, w: i32, h: i32) -> Self {
        let order = self.next();
        let place = Place { x: 100, y: 60 * i32::try_from(order).unwrap_or_default(), w, h };
        self.0.images.push(Image { order, place, form: Some(0), ..Image::default() });
        self
    }

    fn dialog(mut self, name: &str, modal: bool) -> Self {
        let node = 900 + u32::try_from(self.0.dialogs.len()).unwrap_or_default();
        let place = Place { x: 400, y: 600, w: 400, h: 200 };
        self.0.dialogs.push(Dialog { node, name: name.into(), declared: !modal, modal, place });
        self
    }

    fn picture(self) -> PagePicture {
        PagePicture { frames: vec![self.0], ..PagePicture::default() }
    }

    fn read(self) -> Recognised {
        recognise(&self.picture(), &SiteKnowledge::at(SITE))
    }
}

fn roles(read: &Recognised) -> Vec<Role> {
    read.parts.iter().map(|part| part.role).collect()
}

fn order_of(read: &Recognised) -> Option<u32> {
    read.submit.as_ref().map(|element| element.node)
}

use FieldKind::{Email, Password, Tel, Text as Line};
use Role::{CurrentPassword, NewPassword, Puzzle, RepeatPassword, Token, Username};

#[test]
fn the_only_line_before_the_only_password_is_the_name_whatever_its_attributes_say() {
    let read = Page::new()
        .heading("Good to see you")
        .field_with(Line, "", |field| field.autocomplete = "nickname".into())
        .field_with(Password, "", |field| field.autocomplete = "new-password".into())
        .link("Forgot it?", "/help")
        .button("Continue")
        .read();
    assert_eq!((read.kind, roles(&read)), (PageKind::SignIn, vec![Username, CurrentPassword]));
    assert!(read.score >= 0.5, "{}", read.score);
}

#[test]
fn several_fields_may_share_an_id_and_hidden_ones_are_decoys() {
    let same = |field: &mut Field| field.words.html_id = "input".into();
    let read = Page::new()
        .heading("Sign in")
        .field_with(Line, "Username", |field| field.hidden = Some(Hidden::Display))
        .field_with(Password, "Password", |field| field.hidden = Some(Hidden::OffScreen))
        .field_with(Line, "Username", same)
        .field_with(Password, "Password", same)
        .button("Sign in")
        .read();
    assert_eq!(roles(&read), [Username, CurrentPassword]);
    assert_eq!(read.parts.iter().map(|part| part.element.node).collect::<Vec<_>>(), [4, 5]);
}

#[test]
fn a_token_field_in_the_same_form_is_known_by_its_place_alone() {
    let read = Page::new()
        .heading("Sign in")
        .field(Line, "")
        .field(Password, "")
        .field_with(Tel, "", |field| field.autocomplete = "cc-csc".into())
        .button("")
        .read();
    assert_eq!(roles(&read), [Username, CurrentPassword, Token]);
}

#[test]
fn a_line_behind_a_picture_is_a_puzzle_and_a_logo_is_none() {
    let puzzle = Page::new()
        .heading("Sign in")
        .field(Line, "Username")
        .field(Password, "Password")
        .image(260, 48)
        .field(Line, "Risultato")
        .button("Sign in")
        .read();
    assert_eq!((roles(&puzzle), puzzle.puzzle), (vec![Username, CurrentPassword, Puzzle], true));
    let logo = Page::new().image(200, 60).field(Line, "Username").field(Password, "Password").button("Sign in").read();
    assert_eq!((roles(&logo), logo.puzzle), (vec![Username, CurrentPassword], false));
}

#[test]
fn a_name_alone_is_a_first_step_only_where_something_speaks_of_signing_in() {
    let first = Page::new().heading("Sign in").field(Email, "E-mail").button("Next").read();
    assert_eq!((first.kind, roles(&first)), (PageKind::SignIn, vec![Username]));
    let hidden = Page::new()
        .field(Email, "E-mail")
        .field_with(Password, "Password", |field| field.hidden = Some(Hidden::Display))
        .button("Next")
        .read();
    assert_eq!(hidden.kind, PageKind::SignIn);
    for news in ["Subscribe", "Keep me posted"] {
        let edge = |field: &mut Field| field.region = Region::Footer;
        let read =
            Page::new().text("The best of the month").field_with(Email, "E-mail address", edge).button(news).read();
        assert_eq!(read.kind, PageKind::Unknown, "{news}");
    }
}

#[test]
fn who_opens_an_account_gives_two_names() {
    let read = Page::new()
        .heading("Participe")
        .field(Line, "Username")
        .field(Email, "E-mail")
        .field(Password, "Password")
        .button("Participe")
        .read();
    assert!(read.kind != PageKind::SignIn || read.score < 0.4, "{:?} {}", read.kind, read.score);
}

#[test]
fn the_button_that_sends_is_none_of_those_that_lead_through_other_sites() {
    let read = Page::new()
        .heading("Anmelden")
        .field(Line, "Benutzername")
        .field(Password, "Passwort")
        .button("Anzeigen")
        .button("Mit Nimbus anmelden")
        .button("Mit Larkmail anmelden")
        .button("Login")
        .read();
    assert_eq!(order_of(&read), Some(7));
}

#[test]
fn change_forms_of_every_shape() {
    for (labels, wanted) in [
        (
            &["Current password", "New password", "Repeat new password"][..],
            &[CurrentPassword, NewPassword, RepeatPassword][..],
        ),
        (&["Current password", "New password"], &[CurrentPassword, NewPassword]),
        (&["New password", "Confirm new password"], &[NewPassword, RepeatPassword]),
        (&["New password"], &[NewPassword]),
        (&["", "", ""], &[CurrentPassword, NewPassword, RepeatPassword]),
        (&["New password", "Repeat it", "Your current password"], &[NewPassword, RepeatPassword, CurrentPassword]),
    ] {
        let page =
            labels.iter().fold(Page::new().heading("Change password"), |page, label| page.field(Password, label));
        let read = page.button("Save").link("Sign out", "/logout").read();
        assert_eq!((read.kind, roles(&read)), (PageKind::Change, wanted.to_vec()), "{labels:?}");
    }
}

#[test]
fn tokens_that_no_form_can_have_are_ignored() {
    let wrong = ["new-password", "current-password", "current-password"];
    let page = wrong.iter().fold(Page::new().heading("Change password"), |page, token| {
        page.field_with(Password, "", |field| field.autocomplete = (*token).into())
    });
    assert_eq!(roles(&page.button("").read()), [CurrentPassword, NewPassword, RepeatPassword]);
}

#[test]
fn forms_that_want_the_password_for_something_else_are_left_alone() {
    for (title, button) in [("Delete account", "Delete account"), ("Change e-mail", "Change e-mail")] {
        let read = Page::new()
            .heading("Settings")
            .heading(title)
            .field(Email, "New e-mail address")
            .field(Password, "Your password")
            .button(button)
            .link("Sign out", "/logout")
            .read();
        assert_eq!(read.kind, PageKind::SignedIn, "{title}: {:?}", roles(&read));
    }
}

#[test]
fn a_banner_on_a_curtain_goes_first_and_its_buttons_answer_no_question() {
    let over = |dialog: u32| move |button: &mut Button| (button.dialog, button.form) = (Some(dialog), None);
    let read = Page::new()
        .dialog("", true)
        .dialog("Privacy", false)
        .heading("Change the world")
        .text("Create your account with a new password today.")
        .link("Sign in", "/login")
        .text_with("We use cookies.", |text| text.dialog = Some(1))
        .button_with("I agree", over(1))
        .button_with("Only necessary ones", over(1))
        .read();
    assert_eq!((read.kind, read.yes.is_some()), (PageKind::Unknown, false));
    let overlay = read.overlays.last().map(|overlay| (overlay.blocks, overlay.ways.len()));
    assert_eq!(overlay, Some((true, 2)));
}

#[test]
fn a_box_beside_what_is_wanted_may_stay() {
    let box_ = |button: &mut Button| (button.dialog, button.form) = (Some(0), None);
    let page = |covered: bool| {
        Page::new()
            .dialog("Newsletter", true)
            .heading("Sign in")
            .field(Line, "Username")
            .field_with(Password, "Password", |field| field.covered = covered)
            .button("Sign in")
            .button_with("Close", box_)
            .read()
    };
    assert!(page(false).overlays.iter().all(|overlay| !overlay.blocks));
    assert!(page(true).overlays.iter().any(|overlay| overlay.blocks));
}

#[test]
fn the_question_before_the_change_is_known_by_its_answers() {
    let sure = Page::new().heading("Are you sure?").button("Confirm").button("Go back").read();
    assert_eq!(sure.kind, PageKind::ConfirmChange);
    let icon = Page::new().heading("Bist du sicher?").button("").button("Nein").read();
    assert_eq!((icon.kind, icon.yes.map(|press| press.button.node)), (PageKind::ConfirmChange, Some(2)));
    let delete = Page::new().heading("Are you sure you want to delete your account?").button("Yes").button("No").read();
    assert_ne!(delete.kind, PageKind::ConfirmChange);
}

#[test]
fn trust_is_asked_although_a_newsletter_stands_at_the_foot() {
    let read = Page::new()
        .heading("Remember this device?")
        .text("If you trust this browser, we will not ask for a code here again.")
        .button("Trust this browser")
        .button("Not now")
        .field_with(Email, "E-mail address", |field| (field.form, field.region) = (Some(1), Region::Footer))
        .read();
    assert_eq!(read.kind, PageKind::Trust);
    assert!(read.yes.is_some() && read.no.is_some());
}

#[test]
fn alerts_that_are_always_there_break_no_page() {
    let read = Page::new()
        .text_with("Error reports help us: tell us what went wrong.", |text| text.role = TextRole::Alert)
        .heading("The place for your people")
        .link("Sign in", "/login")
        .read();
    assert_eq!(read.kind, PageKind::Unknown);
    let broken = Page::new().heading("Something went wrong.").read();
    assert_eq!(broken.kind, PageKind::Broken);
}

#[test]
fn boxes_for_one_digit_each_are_one_token() {
    let page = (0..6).fold(Page::new().heading("Enter your security code"), |page, index| {
        page.field_with(Line, "", |field| {
            field.max_length = Some(1);
            field.place = Place { x: 100 + 50 * index, y: 200, w: 40, h: 40 };
        })
    });
    let read = page.button("Verify").read();
    assert_eq!((read.kind, roles(&read)), (PageKind::Token, vec![Token; 6]));
}

#[test]
fn widgets_and_openers_send_nothing() {
    let read = Page::new()
        .heading("Sign in")
        .field(Line, "Username")
        .field(Password, "Password")
        .button_with("Options", |button| button.opens = true)
        .button_with("Sign in", |button| button.kind = ButtonKind::Submit)
        .read();
    assert_eq!(order_of(&read), Some(5));
}
