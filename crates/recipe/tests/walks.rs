//! The two walks over small sites that exist only as snapshots: what is followed, waited for, typed and believed.

use std::time::Duration;

use countersign_model::{Challenge, ChangeReason, Trust};
use countersign_recipe::{ChangeFlow, LearntPages, SignInFlow, SiteKnowledge, SiteVerdict, Step, TypedValue};
use countersign_snapshot::{
    Bounds, Button, Field, FieldKind, Form, Frame, Hue, PageLink, PageResponse, PageSnapshot, SentRequests, Text,
    TextRole, Words,
};

const SITE: &str = "https://example.org";
const NOW: Duration = Duration::ZERO;
const LATER: Duration = Duration::from_secs(5);

fn page(path: &str, heading: &str) -> Frame {
    Frame {
        id: "F".into(),
        document: format!("D{path}"),
        origin: SITE.into(),
        address: format!("{SITE}{path}"),
        texts: vec![Text { order: 1, text: heading.into(), role: TextRole::Heading(1), ..Text::default() }],
        ..Frame::default()
    }
}

trait With: Sized {
    fn link(self, name: &str, path: &str) -> Self;
    fn menu(self, name: &str) -> Self;
    fn button(self, name: &str) -> Self;
    fn asks(self, kind: FieldKind, label: &str) -> Self;
    fn says(self, text: &str, hue: Hue) -> Self;
    fn snapshot(self) -> PageSnapshot;
}

impl With for Frame {
    fn link(mut self, name: &str, path: &str) -> Self {
        let node = next(&self);
        let address = format!("{SITE}{path}");
        self.links.push(PageLink { node, order: node, name: name.into(), address, ..PageLink::default() });
        self
    }

    fn menu(mut self, name: &str) -> Self {
        let node = next(&self);
        self.buttons.push(Button { node, order: node, name: name.into(), opens: true, ..Button::default() });
        self
    }

    fn button(mut self, name: &str) -> Self {
        let node = next(&self);
        self.buttons.push(Button { node, order: node, name: name.into(), form: Some(0), ..Button::default() });
        self
    }

    fn asks(mut self, kind: FieldKind, label: &str) -> Self {
        let node = next(&self);
        if self.forms.is_empty() {
            self.forms.push(Form { real: true, ..Form::default() });
        }
        let words = Words { label: label.into(), ..Words::default() };
        self.fields.push(Field { node, order: node, kind, words, form: Some(0), ..Field::default() });
        self
    }

    fn says(mut self, text: &str, hue: Hue) -> Self {
        let order = next(&self);
        let role = if hue == Hue::Neutral { TextRole::Plain } else { TextRole::Alert };
        self.texts.push(Text { order, text: text.into(), role, hue, ..Text::default() });
        self
    }

    fn snapshot(self) -> PageSnapshot {
        PageSnapshot { frames: vec![self], ..PageSnapshot::default() }
    }
}

fn next(frame: &Frame) -> u32 {
    let all = frame.fields.len() + frame.buttons.len() + frame.links.len() + frame.texts.len();
    2 + u32::try_from(all).unwrap_or_default()
}

fn site() -> SiteKnowledge {
    SiteKnowledge::at(&format!("{SITE}/"))
}

fn change() -> ChangeFlow {
    ChangeFlow::new(site(), true, Trust::DoNotTrust)
}

fn sign_in() -> SignInFlow {
    SignInFlow::new(site(), true, Trust::DoNotTrust)
}

fn followed(act: &Step) -> &str {
    match act {
        Step::Follow { name, .. } => name,
        Step::Open { address } => address,
        other => panic!("{other:?}"),
    }
}

/// A feed, a menu that closes when the page changes, and the way: settings, sign-in and security, password.
#[test]
fn a_menu_is_opened_again_on_the_next_page_and_words_of_signing_in_do_not_frighten() {
    let feed = || page("/feed", "Latest").menu("Menu").link("My page", "/me");
    let opened = |frame: Frame| frame.link("Account settings", "/settings").link("Sign out", "/logout");
    let settings = || page("/settings", "Account settings").menu("Menu").link("My page", "/me");
    let security = page("/settings/login-and-security", "Sign-in and security").link("Password", "/settings/pw");
    let form = page("/settings/pw", "Password")
        .asks(FieldKind::Password, "Current password")
        .asks(FieldKind::Password, "New password")
        .button("Save");

    let mut run = change();
    let probe = followed(&run.step(&feed().snapshot(), NOW)).to_owned();
    assert!(probe.contains("/.well-known/"), "{probe}");
    let missing = PageSnapshot {
        answer: Some(PageResponse { status: 404, ..PageResponse::default() }),
        ..page(&probe[SITE.len()..], "Not found").snapshot()
    };
    assert!(followed(&run.step(&missing, NOW)).ends_with("/.well-known/change-password"));
    assert!(followed(&run.step(&missing, NOW)).ends_with("/feed"));
    assert_eq!(followed(&run.step(&feed().snapshot(), NOW)), "Menu");
    assert_eq!(followed(&run.step(&opened(feed()).snapshot(), NOW)), "Account settings");
    assert_eq!(followed(&run.step(&settings().snapshot(), NOW)), "Menu", "it closed when the page changed");
    let settings_page = opened(settings()).link("Sign-in and security", "/settings/login-and-security");
    assert_eq!(followed(&run.step(&settings_page.snapshot(), NOW)), "Sign-in and security");
    assert_eq!(followed(&run.step(&security.snapshot(), NOW)), "Password");
    let act = run.step(&form.snapshot(), NOW);
    assert!(
        matches!(&act, Step::Fill(fill) if fill.types(TypedValue::NewPassword) && fill.types(TypedValue::Password)),
        "{act:?}"
    );
    assert!(run.submitted());
}

#[test]
fn what_was_followed_to_no_effect_is_waited_for_and_then_opened() {
    let feed = page("/feed", "Latest").link("Settings", "/settings").link("Sign out", "/logout").snapshot();
    let mut run =
        ChangeFlow::new(SiteKnowledge { change: Some(format!("{SITE}/gone")), ..site() }, true, Trust::DoNotTrust);
    assert!(followed(&run.step(&feed, NOW)).ends_with("/gone"));
    let gone = PageSnapshot {
        answer: Some(PageResponse { status: 404, ..PageResponse::default() }),
        ..page("/gone", "Gone").snapshot()
    };
    let mut act = run.step(&gone, LATER);
    while followed(&act).contains("/.well-known/") {
        act = run.step(&gone, LATER);
    }
    assert!(followed(&act).ends_with("/feed"));
    assert_eq!(followed(&run.step(&feed, NOW)), "Settings");
    assert_eq!(run.step(&feed, NOW), Step::Wait);
    // A feed without end grows meanwhile; that is no answer.
    let mut grown = feed.clone();
    grown.frames[0].buttons.push(Button { node: 77, order: 77, name: "Like".into(), ..Button::default() });
    assert_eq!(run.step(&grown, NOW), Step::Wait);
    assert!(followed(&run.step(&grown, LATER)).ends_with("/settings"));
}

fn first_step() -> Frame {
    page("/login", "Sign in").asks(FieldKind::Text, "Username").asks(FieldKind::Password, "Password").button("Sign in")
}

/// The form in its next document, where the page has sent so much.
fn loaded_again(times: u32, sent: Option<(u64, bool)>) -> PageSnapshot {
    let form = Frame { document: format!("D/login/{times}"), ..first_step() };
    let sendings = sent.map(|(documents, _)| SentRequests { documents, scripts: 0 });
    PageSnapshot { sendings, reloaded: sent.is_some_and(|(_, again)| again), ..form.snapshot() }
}

#[test]
fn promise_10_a_page_that_loads_itself_again_has_refused_no_password() {
    for (sent, reason) in [
        ([Some((0, false)), Some((0, true)), Some((0, true))], ChangeReason::NotSendable),
        ([Some((0, false)), Some((0, false)), Some((1, false))], ChangeReason::NotSendable),
        // Loaded again, the answer to a form asks its server once more.
        ([Some((0, false)), Some((1, false)), Some((3, true))], ChangeReason::NotSendable),
        ([Some((0, false)), Some((1, false)), Some((2, false))], ChangeReason::WrongPassword),
        ([None, None, None], ChangeReason::WrongPassword),
    ] {
        let mut run = sign_in();
        for (times, sent) in sent.into_iter().enumerate() {
            let act = run.step(&loaded_again(times as u32, sent), NOW);
            if times < 2 {
                assert!(matches!(act, Step::Fill(_)), "{sent:?} {times}: {act:?}");
            } else {
                assert_eq!(act, Step::GiveUp(reason.clone()), "{sent:?}");
            }
        }
    }
}

#[test]
fn an_empty_page_after_the_password_is_no_proof() {
    let mut run = sign_in();
    assert!(matches!(run.step(&first_step().snapshot(), NOW), Step::Fill(_)));
    let between = || page("/login", "One moment").link("Sign in", "/login").link("Sign up", "/join");
    assert_eq!(run.step(&between().snapshot(), NOW), Step::Wait);
    let token =
        page("/login/2", "Two-factor authentication").asks(FieldKind::Text, "Authentication code").button("Verify");
    assert!(matches!(run.step(&token.snapshot(), NOW), Step::Fill(fill) if fill.types(TypedValue::Token)));
    let inside = page("/feed", "Latest").link("Sign out", "/logout");
    assert!(matches!(run.step(&inside.snapshot(), NOW), Step::SignedIn(how) if how.with_password && how.with_token));
}

#[test]
fn a_password_is_sent_twice_at_most_and_only_news_counts_as_an_error() {
    let always = "Wrong password? You can reset it at any time.";
    let mut run = sign_in();
    let login = || first_step().says(always, Hue::Red);
    assert!(matches!(run.step(&login().snapshot(), NOW), Step::Fill(_)));
    // Nothing has happened yet: the form stands there as before, filled.
    let mut filled = login();
    filled.fields.iter_mut().for_each(|field| field.filled = true);
    assert_eq!(run.step(&filled.clone().snapshot(), NOW), Step::Wait);
    let refused = filled.says("Wrong username or password.", Hue::Red);
    assert_eq!(run.step(&refused.snapshot(), NOW), Step::GiveUp(ChangeReason::WrongPassword));
    assert_eq!(run.passwords_sent(), 1);
}

#[test]
fn a_password_alone_after_the_name_is_the_one_to_that_name() {
    let mut run = sign_in();
    let name = page("/login", "Sign in").asks(FieldKind::Text, "Username").button("Next");
    assert!(matches!(run.step(&name.snapshot(), NOW), Step::Fill(fill) if !fill.types(TypedValue::Password)));
    let mut second = page("/login", "Welcome").asks(FieldKind::Password, "").button("Next");
    second.document = "D2".into();
    second.fields[0].autocomplete = "new-password".into();
    let act = run.step(&second.snapshot(), NOW);
    assert!(
        matches!(&act, Step::Fill(fill) if fill.types(TypedValue::Password) && !fill.types(TypedValue::NewPassword)),
        "{act:?}"
    );
}

#[test]
fn a_form_that_is_there_anew_without_a_word_is_filled_once_more_and_no_further() {
    let mut run = sign_in();
    let anew = |load: &str| {
        let mut frame = first_step();
        frame.document = format!("D{load}");
        run.step(&frame.snapshot(), NOW)
    };
    let acts: Vec<Step> = ["1", "2", "3"].map(anew).into();
    assert!(
        matches!(acts.as_slice(), [Step::Fill(_), Step::Fill(_), Step::GiveUp(ChangeReason::WrongPassword)]),
        "{acts:?}"
    );
}

#[test]
fn a_line_that_nobody_knows_is_a_persons_matter_before_the_password_is_doubted() {
    let login = || first_step().asks(FieldKind::Text, "Department");
    let mut run = sign_in();
    assert!(matches!(run.step(&login().snapshot(), NOW), Step::Fill(_)));
    let again = login().says("Please check what you entered.", Hue::Red);
    assert_eq!(run.step(&again.snapshot(), NOW), Step::Park(Challenge::Unknown));
}

#[test]
fn what_cannot_be_carried_out_again_and_again_is_a_persons_matter() {
    let mut run = sign_in();
    let login = first_step().snapshot();
    let mut times = 0;
    loop {
        match run.step(&login, NOW) {
            Step::Fill(_) => run.not_carried_out(),
            Step::Park(Challenge::Unknown) => break,
            other => panic!("{other:?}"),
        }
        times += 1;
        assert!(times < 20);
    }
    assert_eq!(run.passwords_sent(), 0);
}

fn change_form() -> Frame {
    page("/pw", "Change password")
        .asks(FieldKind::Password, "Current password")
        .asks(FieldKind::Password, "New password")
        .says("At least 90 characters.", Hue::Neutral)
        .button("Save")
        .link("Sign out", "/logout")
}

#[test]
fn a_rule_that_lights_up_says_why_a_password_is_refused() {
    let mut run = change();
    assert!(matches!(run.step(&change_form().snapshot(), NOW), Step::Fill(_)));
    let mut refused = change_form();
    refused.texts.iter_mut().filter(|text| text.text.starts_with("At least")).for_each(|text| text.hue = Hue::Red);
    let act = run.step(&refused.snapshot(), NOW);
    assert!(
        matches!(&act, Step::GiveUp(ChangeReason::PasswordRejected { rule }) if rule == "At least 90 characters."),
        "{act:?}"
    );
    assert!(run.submitted(), "what holds is unknown until it was tried");
}

#[test]
fn a_certificate_that_is_renewed_on_the_way_to_the_form_is_told_as_that() {
    let mut run = change();
    let inside = page("/feed", "Latest").link("Settings", "/settings").link("Sign out", "/logout");
    assert!(matches!(run.step(&inside.snapshot(), NOW), Step::Follow { .. } | Step::Open { .. }));
    let mut gone = page("/settings", "");
    (gone.unreachable, gone.load_error) = (true, "ERR_CERT_AUTHORITY_INVALID".to_owned());
    let act = run.step(&gone.snapshot(), NOW);
    assert!(matches!(&act, Step::GiveUp(ChangeReason::CertificateNotTrusted { .. })), "{act:?}");
}

#[test]
fn promise_10_what_a_site_blames_is_what_is_told() {
    let sign_in = || page("/login", "Sign in").asks(FieldKind::Text, "User name").asks(FieldKind::Password, "Password");
    let expired = ChangeReason::SessionExpired;
    let rejected = |rule: &str| ChangeReason::PasswordRejected { rule: rule.to_owned() };
    for (next, text, status, reason) in [
        (sign_in(), "Your session has expired. Please sign in again.", 200, expired.clone()),
        (change_form(), "Invalid CSRF token. The form has expired, please try again.", 403, expired),
        (page("/pw", "Oops"), "Internal server error", 500, ChangeReason::SiteUnavailable),
        (change_form(), "Your password could not be changed.", 200, rejected("Your password could not be changed.")),
        (change_form(), "Wrong security code", 200, ChangeReason::WrongToken),
    ] {
        let mut run = change();
        assert!(matches!(run.step(&change_form().snapshot(), NOW), Step::Fill(_)));
        let mut snapshot = next.says(text, Hue::Red).snapshot();
        snapshot.answer = Some(PageResponse { status, ..PageResponse::default() });
        assert_eq!(run.step(&snapshot, LATER), Step::Submitted(SiteVerdict::Failed(reason)), "{text}");
    }
}

#[test]
fn after_the_form_two_answers_alone_are_the_last_question_whatever_they_ask() {
    let mut run = change();
    assert!(matches!(run.step(&change_form().snapshot(), NOW), Step::Fill(_)));
    let question = page("/pw/2", "One more thing")
        .says("You may have to sign in again on your other devices.", Hue::Neutral)
        .button("Continue")
        .button("Go back")
        .link("Sign out", "/logout");
    let act = run.step(&question.snapshot(), NOW);
    assert!(matches!(&act, Step::Answer { yes: true, .. }), "{act:?}");
    let done = page("/settings", "Settings").says("Your password has been changed.", Hue::Green);
    assert_eq!(run.step(&done.link("Sign out", "/logout").snapshot(), NOW), Step::Submitted(SiteVerdict::Changed));
}

#[test]
fn a_jump_that_says_nothing_is_submitted_and_left_to_the_proof() {
    let mut run = change();
    assert!(matches!(run.step(&change_form().snapshot(), NOW), Step::Fill(_)));
    let feed = page("/feed", "Latest").link("Sign out", "/logout").button("Post");
    assert_eq!(run.step(&feed.snapshot(), NOW), Step::Submitted(SiteVerdict::Nothing));
}

#[test]
fn a_second_page_that_asks_for_the_new_password_again_is_filled_with_it() {
    let first = page("/pw", "Change password")
        .asks(FieldKind::Password, "Current password")
        .asks(FieldKind::Password, "New password")
        .button("Save")
        .link("Sign out", "/logout");
    for (label, autocomplete) in [
        ("Enter your new password again", "new-password"),
        ("Enter your new password again", ""),
        ("Repeat it", "new-password"),
        ("New password", "new-password"),
    ] {
        let mut run = change();
        assert!(matches!(run.step(&first.clone().snapshot(), NOW), Step::Fill(_)));
        let mut second =
            page("/pw/confirm", "Confirm your new password").asks(FieldKind::Password, label).button("Save");
        second.fields[0].autocomplete = autocomplete.into();
        let act = run.step(&second.link("Sign out", "/logout").snapshot(), NOW);
        assert!(
            matches!(&act, Step::Fill(fill) if fill.types(TypedValue::NewPassword) && !fill.types(TypedValue::Password)),
            "{label} {autocomplete}: {act:?}"
        );
    }
}

#[test]
fn promise_10_a_form_that_stayed_out_of_reach_in_a_frame_is_the_reason() {
    let long = Duration::from_secs(30);
    let ends = |snapshot: &PageSnapshot, step: &mut dyn FnMut(&PageSnapshot) -> Step| {
        let acts = std::iter::repeat_with(|| step(snapshot)).take(200);
        acts.into_iter().find_map(|act| if let Step::GiveUp(reason) = act { Some(reason) } else { None })
    };
    let empty = Frame {
        id: "G".into(),
        parent: Some(0),
        origin: "null".into(),
        address: "https://login.example.org:8443/in".into(),
        unreachable: true,
        load_error: "ADDRESS_REFUSED".into(),
        place: Bounds { x: 0, y: 0, w: 400, h: 300 },
        ..Frame::default()
    };
    let left = ChangeReason::LeftSite { origin: "https://login.example.org:8443".into() };
    for (frame, reason) in [(Some(empty), left), (None, ChangeReason::LayoutUnknown)] {
        let mut outside = page("/", "Welcome").snapshot();
        outside.frames.extend(frame.clone());
        let mut run = SignInFlow::new(SiteKnowledge::at(SITE), false, Trust::Trust);
        assert_eq!(ends(&outside, &mut |snapshot| run.step(snapshot, long)), Some(reason.clone()));
        let mut inside = page("/feed", "Latest").link("Sign out", "/logout").snapshot();
        inside.frames.extend(frame);
        let mut run = change();
        assert_eq!(ends(&inside, &mut |snapshot| run.step(snapshot, long)), Some(reason));
    }
}

#[test]
fn promise_4_a_form_that_was_kept_from_an_address_is_not_tried_again() {
    let mut sign_in =
        page("/login", "Sign in").asks(FieldKind::Text, "User name").asks(FieldKind::Password, "Password");
    let mut run = SignInFlow::new(SiteKnowledge::at(SITE), false, Trust::Trust);
    assert!(matches!(run.step(&sign_in.clone().snapshot(), NOW), Step::Fill(_)));
    sign_in.kept_back = true;
    assert_eq!(run.step(&sign_in.snapshot(), NOW), Step::GiveUp(ChangeReason::NotSendable));
    let mut form = change_form();
    let mut run = change();
    assert!(matches!(run.step(&form.clone().snapshot(), NOW), Step::Fill(_)));
    form.kept_back = true;
    assert_eq!(run.step(&form.snapshot(), NOW), Step::GiveUp(ChangeReason::NotSendable));
    assert!(run.submitted(), "what holds is looked at all the same");
}

fn answered(status: u16, frame: Frame) -> PageSnapshot {
    PageSnapshot { answer: Some(PageResponse { status, ..PageResponse::default() }), ..frame.snapshot() }
}

#[test]
fn a_learnt_change_page_is_opened_first_and_where_it_is_stale_the_way_is_looked_for() {
    let learnt = LearntPages { change: Some(format!("{SITE}/settings/pw")), ..LearntPages::default() };
    let run = || ChangeFlow::new(SiteKnowledge { learnt: learnt.clone(), ..site() }, true, Trust::DoNotTrust);
    let feed = || page("/feed", "Latest").link("Change password", "/new/pw").link("Sign out", "/logout");
    let form = || {
        page("/settings/pw", "Password")
            .asks(FieldKind::Password, "Current password")
            .asks(FieldKind::Password, "New password")
            .button("Save")
    };
    let fills = |act: &Step| matches!(act, Step::Fill(fill) if fill.types(TypedValue::NewPassword));

    let mut found = run();
    assert!(followed(&found.step(&feed().snapshot(), NOW)).ends_with("/settings/pw"));
    assert!(fills(&found.step(&form().snapshot(), NOW)));
    assert!(fills(&run().step(&form().snapshot(), NOW)), "a walk that began there is there");

    let elsewhere = Frame { origin: "https://elsewhere.example".into(), ..page("/settings/pw", "Moved") };
    for (name, stale) in [
        ("gone", answered(404, page("/settings/pw", "Not found"))),
        ("broken", answered(500, page("/settings/pw", "Something went wrong"))),
        ("another page", page("/settings/pw", "Offers").link("Shop", "/shop").link("Sign out", "/logout").snapshot()),
        ("led away", elsewhere.snapshot()),
    ] {
        let mut run = run();
        assert!(followed(&run.step(&feed().snapshot(), NOW)).ends_with("/settings/pw"), "{name}");
        assert!(followed(&run.step(&stale, NOW)).ends_with("/feed"), "{name}");
        assert_eq!(followed(&run.step(&feed().snapshot(), NOW)), "Change password", "{name}");
        assert!(fills(&run.step(&form().snapshot(), NOW)), "{name}");
    }
}

#[test]
fn a_learnt_sign_in_page_is_begun_at_and_where_it_is_stale_the_front_page_is() {
    let learnt = Some(format!("{SITE}/login"));
    let run = || sign_in().beginning_at(learnt.clone());
    assert_eq!(run().first_address(), format!("{SITE}/login"));
    assert!(matches!(run().step(&first_step().snapshot(), NOW), Step::Fill(_)));
    let elsewhere = Frame { origin: "https://elsewhere.example".into(), ..first_step() };
    for (name, stale) in [
        ("gone", answered(404, page("/login", "Not found"))),
        ("broken", answered(500, page("/login", "Something went wrong"))),
        ("another page", page("/login", "Offers").link("Shop", "/shop").snapshot()),
        ("led away", elsewhere.snapshot()),
    ] {
        let mut run = run();
        assert_eq!(run.step(&stale, LATER), Step::Open { address: format!("{SITE}/") }, "{name}");
        assert_eq!(run.first_address(), format!("{SITE}/"), "{name}: it is not begun at again");
        assert!(matches!(run.step(&first_step().snapshot(), NOW), Step::Fill(_)), "{name}");
    }
}
