//! Finding the way to the form that changes the password: what is opened, ticked, waited for and left alone.

mod page;

use std::time::Duration;

use countersign_model::Trust;
use countersign_recipe::{ChangeFlow, SiteKnowledge, Step, TypedValue};
use countersign_snapshot::{ButtonKind, FieldKind, PageResponse, PageSnapshot, Region};
use page::{Page, SITE};

const LATER: Duration = Duration::from_secs(5);

/// What is followed first on a page for somebody who is signed in.
fn first_way(page: Page) -> String {
    let site = SiteKnowledge::at(&format!("{SITE}/"));
    let mut run = ChangeFlow::new(site, false, Trust::DoNotTrust);
    let page = page.snapshot();
    let gone = PageSnapshot {
        answer: Some(PageResponse { status: 404, ..PageResponse::default() }),
        ..Page::new().at("/gone", "Not found").heading("Not found").snapshot()
    };
    let mut shown = &page;
    for _ in 0..20 {
        match run.step(shown, LATER) {
            Step::Open { address } if address.contains("/.well-known/") => shown = &gone,
            Step::Open { .. } => shown = &page,
            Step::Wait => {}
            Step::Follow { name, .. } => return name,
            other => panic!("{other:?}"),
        }
    }
    panic!("nothing was followed");
}

fn home() -> Page {
    Page::new().at("/home", "Acorn").link_in("Log out", "/logout", Region::Header)
}

#[test]
fn the_menu_under_the_name_that_the_site_shows_is_opened() {
    let page = home()
        .heading("Welcome back, Mara Lind")
        .link("Marketplace", "/market")
        .button_with("Mara Lind", |button| (button.form, button.kind) = (None, ButtonKind::Plain));
    assert_eq!(first_way(page), "Mara Lind");
}

#[test]
fn what_stands_beneath_settings_is_left_for_the_way_to_the_password() {
    let page = home()
        .heading("Settings")
        .link("API keys", "/settings/keys")
        .link("Extension settings", "/settings/extensions")
        .link("Webhooks", "/settings/hooks")
        .link("Login & security", "/settings/login");
    assert_eq!(first_way(page), "Login & security");
}

#[test]
fn links_are_told_apart_by_their_query() {
    let page = home()
        .heading("Start")
        .link("Recent changes", "/doku.php?do=recent")
        .link("Update profile", "/doku.php?do=profile");
    assert_eq!(first_way(page), "Update profile");
}

#[test]
fn the_box_that_shows_the_lines_is_ticked() {
    let page = home()
        .heading("Your details")
        .field_with(FieldKind::Text, "Name", |field| field.filled = true)
        .field_with(FieldKind::Checkbox, "Change password", |field| field.checked = Some(false))
        .button("Save");
    assert_eq!(first_way(page), "Change password");
}

#[test]
fn a_settings_page_with_a_key_gets_no_password_on_the_way() {
    let page = home()
        .heading("Settings")
        .field(FieldKind::Password, "Google API Key")
        .button("Save")
        .link("Account", "/account");
    let site = SiteKnowledge::at(&format!("{SITE}/"));
    let mut run = ChangeFlow::new(site, false, Trust::DoNotTrust);
    let page = page.snapshot();
    for _ in 0..20 {
        let act = run.step(&page, LATER);
        assert!(
            !matches!(&act, Step::Fill(fill) if fill.types(TypedValue::Password) || fill.types(TypedValue::NewPassword)),
            "{act:?}"
        );
    }
}
