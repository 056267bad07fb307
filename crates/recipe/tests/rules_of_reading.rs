//! One small page a rule: what the recogniser must make of it, whatever the site.

mod page;

use countersign_recipe::{FieldRole, PageKind, Recognised};
use countersign_snapshot::{Bounds, Button, ButtonKind, Field, FieldKind, Hidden, Region, TextRole};
use page::{Page, roles};

fn order_of(read: &Recognised) -> Option<u32> {
    read.submit.as_ref().map(|element| element.node)
}

use FieldKind::{Email, Password, Tel, Text as Line};
use FieldRole::{CurrentPassword, NewPassword, Puzzle, RepeatPassword, Token, Username};

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
    let page = |autocomplete: &str| {
        Page::new()
            .heading("Sign in")
            .field(Line, "")
            .field(Password, "")
            .field_with(Tel, "", |field| field.autocomplete = autocomplete.into())
            .button("")
            .read()
    };
    assert_eq!(roles(&page("off")), [Username, CurrentPassword, Token]);
    let card = page("cc-csc");
    assert_eq!(
        (roles(&card), card.questions.len()),
        (vec![Username, CurrentPassword], 1),
        "what stands on a card is no token"
    );
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
fn the_button_that_sends_is_none_that_asks_or_helps() {
    for (other, kind) in [
        ("Trouble logging in?", ButtonKind::Plain),
        ("Can't sign in?", ButtonKind::Submit),
        ("Problèmes de connexion ?", ButtonKind::Plain),
        ("Need help logging in", ButtonKind::Plain),
    ] {
        for sends in ["", "Go", "Log in"] {
            let read = Page::new()
                .field(Line, "Username")
                .field(Password, "Password")
                .button_with(other, |button| button.kind = kind)
                .button_with(sends, |button| button.kind = kind)
                .read();
            assert_eq!(order_of(&read), Some(4), "{other:?} beside {sends:?}");
        }
    }
    // Alone it is none, either: Enter sends the form.
    let sign_in = || Page::new().field(Line, "Username").field(Password, "Password");
    assert_eq!(
        order_of(&sign_in().button_with("Trouble logging in?", |button| button.kind = ButtonKind::Plain).read()),
        None
    );
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
            field.place = Bounds { x: 100 + 50 * index, y: 200, w: 40, h: 40 };
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

#[test]
fn a_page_that_asks_about_cookies_alone_is_put_away_with_a_no() {
    let wall = || {
        Page::new()
            .heading("Before you continue")
            .text("We use cookies and data to deliver and maintain our services.")
            .link("More options", "/more")
            .button("Accept all")
            .button("Reject all")
    };
    let read = wall().read();
    let ways: Vec<u32> = read.overlays.iter().flat_map(|one| &one.ways).map(|way| way.node).collect();
    assert_eq!(ways, [5, 4], "no before yes");
    assert!(read.overlays.iter().all(|one| one.blocks));
    for beside in [wall().link("Log in", "/login"), wall().field(Line, "Search"), Page::new().button("Accept all")] {
        assert!(beside.read().overlays.is_empty());
    }
}
