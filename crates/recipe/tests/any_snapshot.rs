//! Whatever a page looks like: it is read without a panic, and no secret is typed where it does not belong.

use std::time::Duration;

use countersign_model::Trust;
use countersign_recipe::{ChangeFlow, FieldRole, Fill, SignInFlow, SiteKnowledge, Step, Target, recognise};
use countersign_snapshot::{
    Bounds, Button, ButtonKind, ChallengeKind, ChallengeMark, Dialog, Field, FieldKind, Form, Frame, Hidden, Hue,
    Image, PageLink, PageResponse, PageSnapshot, Region, Text, TextRole, Words,
};
use proptest::{collection::vec, option, prelude::*, sample::select};

const OURS: &str = "https://www.example.org";
const ORIGINS: &[&str] = &[
    OURS,
    OURS,
    OURS,
    OURS,
    "https://login.example.org",
    "https://evil.example",
    "http://www.example.org",
    "null",
    "",
    "https://[",
];
const WORDS: &[&str] = &[
    "",
    "Password",
    "Current password",
    "New password",
    "Repeat it",
    "Username",
    "E-mail",
    "Authentication code",
    "6-digit code",
    "Sign in",
    "Sign up",
    "Sign out",
    "Change password",
    "Are you sure?",
    "Cancel",
    "Yes",
    "Trust this browser?",
    "Don't ask again",
    "Was this you?",
    "Code from the e-mail",
    "Are you human?",
    "Settings",
    "Security",
    "Menu",
    "Accept all",
    "×",
    "Your password has been changed.",
    "Wrong password.",
    "Too many attempts",
    "Sicherheitscode",
    "パスワード",
    "İß\u{301}🍑",
    "a very long text that goes on and on and says nothing of any use to anybody who might happen to read it, ever, at all",
];
const NAMES: &[&str] = &["", "username", "password", "new_password", "oldPwd", "otp", "x", "confirmPassword", "q"];
const TOKENS: &[&str] =
    &["", "username", "current-password", "new-password", "one-time-code", "off", "cc-number", "x y"];

fn word() -> impl Strategy<Value = String> {
    prop_oneof![9 => select(WORDS).prop_map(str::to_owned), 1 => ".{0,40}"]
}

fn number() -> impl Strategy<Value = i32> {
    prop_oneof![8 => -50..1400_i32, 1 => any::<i32>()]
}

fn place() -> impl Strategy<Value = Bounds> {
    (number(), number(), number(), number()).prop_map(|(x, y, w, h)| Bounds { x, y, w, h })
}

fn index() -> impl Strategy<Value = Option<u32>> {
    option::of(prop_oneof![9 => 0..3_u32, 1 => any::<u32>()])
}

fn field() -> impl Strategy<Value = Field> {
    use FieldKind::{
        Checkbox, Editable, Email, Number, Other, Password, Radio, Search, Select, Tel, Text, TextArea, Url,
    };
    let kinds = vec![
        Text, Text, Email, Tel, Number, Password, Password, Password, Search, Url, Checkbox, Radio, Select, TextArea,
        Editable, Other,
    ];
    let hidden = option::weighted(0.2, select(vec![Hidden::Display, Hidden::Transparent, Hidden::OffScreen]));
    let words = (word(), word(), word(), select(NAMES));
    let limits = (option::of(0..12_u32), option::of(0..12_u32), select(TOKENS), any::<[bool; 6]>());
    ((0..40_u32, 0..60_u32), select(kinds), words, limits, place(), hidden, (index(), index())).prop_map(
        |((node, order), kind, words, limits, place, hidden, (form, dialog))| {
            let (label, placeholder, nearby, name) = words;
            let (max_length, min_length, autocomplete, [read_only, disabled, filled, focused, covered, numeric]) =
                limits;
            Field {
                node,
                order,
                kind,
                words: Words { label, placeholder, nearby, html_name: name.to_owned(), ..Words::default() },
                autocomplete: autocomplete.to_owned(),
                input_mode: if numeric { "numeric".to_owned() } else { String::new() },
                max_length,
                min_length,
                read_only: read_only && disabled,
                disabled: disabled && !covered && filled,
                filled,
                focused,
                covered,
                checked: matches!(kind, FieldKind::Checkbox | FieldKind::Radio).then_some(filled),
                place,
                hidden,
                form,
                dialog,
                ..Field::default()
            }
        },
    )
}

fn button() -> impl Strategy<Value = Button> {
    let kind = select(vec![ButtonKind::Submit, ButtonKind::Plain, ButtonKind::Reset, ButtonKind::Widget]);
    let region = select(vec![Region::Unknown, Region::Main, Region::Header, Region::Footer]);
    ((0..40_u32, 0..60_u32), word(), kind, any::<[bool; 3]>(), place(), index(), index(), region).prop_map(
        |((node, order), name, kind, [disabled, opens, covered], place, form, dialog, region)| Button {
            node,
            order,
            name,
            kind,
            disabled: disabled && covered,
            opens,
            place,
            covered,
            form,
            dialog,
            region,
            ..Button::default()
        },
    )
}

fn link() -> impl Strategy<Value = PageLink> {
    let address = prop_oneof![
        select(ORIGINS).prop_map(|origin| format!("{origin}/login")),
        select(ORIGINS).prop_map(|origin| format!("{origin}/settings/password#x")),
        Just("javascript:void(0)".to_owned()),
        ".{0,20}",
    ];
    ((0..40_u32, 0..60_u32), word(), address, any::<bool>(), place(), index()).prop_map(
        |((node, order), name, address, covered, place, dialog)| PageLink {
            node,
            order,
            name,
            address,
            covered,
            place,
            dialog,
            ..PageLink::default()
        },
    )
}

fn text() -> impl Strategy<Value = Text> {
    let role = select(vec![TextRole::Plain, TextRole::Heading(1), TextRole::Heading(3), TextRole::Alert]);
    let hue = select(vec![Hue::Neutral, Hue::Red, Hue::Green]);
    (0..60_u32, word(), role, hue, index(), index()).prop_map(|(order, text, role, hue, form, dialog)| Text {
        order,
        text,
        role,
        hue,
        form,
        dialog,
        ..Text::default()
    })
}

fn form() -> impl Strategy<Value = Form> {
    let origin = || option::of(select(ORIGINS));
    (any::<bool>(), origin(), origin(), word()).prop_map(|(real, origin, by_enter, hints)| Form {
        real,
        action_origin: origin.map(str::to_owned),
        enter_origin: by_enter.map(str::to_owned),
        action_path: "/session".into(),
        hints,
        ..Form::default()
    })
}

fn frame() -> impl Strategy<Value = Frame> {
    let dialog = (0..40_u32, word(), any::<[bool; 2]>(), place())
        .prop_map(|(node, name, [declared, modal], place)| Dialog { node, name, declared, modal, place });
    let challenge = (any::<[bool; 2]>(), place()).prop_map(|([visible, solved], place)| ChallengeMark {
        kind: ChallengeKind::Hcaptcha,
        visible,
        solved,
        place,
    });
    let image =
        (0..60_u32, place(), index()).prop_map(|(order, place, form)| Image { order, place, form, ..Image::default() });
    let things = (vec(field(), 0..9), vec(button(), 0..6), vec(link(), 0..5), vec(text(), 0..6));
    let rest = (vec(form(), 0..3), vec(dialog, 0..3), vec(challenge, 0..2), vec(image, 0..3));
    ((0..3_u32, select(ORIGINS)), things, rest, any::<[bool; 4]>(), 0..3_u32).prop_map(
        |((id, origin), things, rest, [hidden, unreachable, loading, inner], document)| {
            let (fields, buttons, links, texts) = things;
            let (forms, dialogs, challenges, images) = rest;
            Frame {
                id: format!("F{id}"),
                document: format!("D{document}"),
                parent: inner.then_some(0),
                origin: origin.to_owned(),
                address: format!("{origin}/login?next=/"),
                hidden: hidden && inner,
                unreachable: unreachable && loading && inner,
                forms,
                dialogs,
                fields,
                buttons,
                links,
                texts,
                images,
                challenges,
                ..Frame::default()
            }
        },
    )
}

fn snapshot() -> impl Strategy<Value = PageSnapshot> {
    let status = select(vec![200_u16, 200, 302, 404, 429, 500]);
    (vec(frame(), 0..4), option::of(status)).prop_map(|(frames, status)| PageSnapshot {
        frames,
        answer: status.map(|status| PageResponse { status, ..PageResponse::default() }),
        ..PageSnapshot::default()
    })
}

/// What must hold of every act on a page.
fn check(act: &Step, snapshot: &PageSnapshot, site: &SiteKnowledge) -> Result<(), TestCaseError> {
    if let Step::PressEnter { .. } = act {
        prop_assert!(recognise(snapshot, site).enter_sends_to.is_none_or(|origin| site.allows(&origin)));
    }
    let Step::Fill(Fill { entries, submit, .. }) = act else { return Ok(()) };
    for entry in entries {
        prop_assert!(site.allows(&entry.origin), "typed into {}", entry.origin);
        let elements = match &entry.into {
            Target::Line(element) => std::slice::from_ref(element),
            Target::Boxes(boxes) => boxes.as_slice(),
        };
        for element in elements {
            let found = snapshot.frames.iter().any(|frame| {
                frame.id == element.frame
                    && frame.origin == entry.origin
                    && frame.fields.iter().any(|field| field.node == element.node)
            });
            prop_assert!(found, "typed into a field that is not in the picture, or of another origin");
        }
    }
    // A form that says where it is sent says a place that belongs to the site.
    let sends = recognise(snapshot, site).sends_to;
    prop_assert!(sends.is_none_or(|origin| site.allows(&origin)) || submit.is_none() && entries.is_empty());
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_snapshot_is_read_and_no_secret_leaves_the_site(
        snapshots in vec(snapshot(), 1..5),
        waits in vec(0..40_u64, 5),
        has_token in any::<bool>(),
        trusts in any::<bool>(),
    ) {
        let site = SiteKnowledge::at(&format!("{OURS}/"));
        let trust = if trusts { Trust::Trust } else { Trust::DoNotTrust };
        let mut walk_in = SignInFlow::new(site.clone(), has_token, trust);
        let mut change = ChangeFlow::new(site.clone(), has_token, trust);
        for (snapshot, waited) in snapshots.iter().zip(&waits) {
            let read = recognise(snapshot, &site);
            prop_assert!((0.0..=1.0).contains(&read.score));
            let waited = Duration::from_secs(*waited);
            check(&walk_in.step(snapshot, waited), snapshot, &site)?;
            check(&change.step(snapshot, waited), snapshot, &site)?;
        }
    }
}

/// The frames of a page, each with one form that has all of its fields.
fn in_one_form(mut snapshot: PageSnapshot) -> PageSnapshot {
    for frame in &mut snapshot.frames {
        frame.forms.truncate(1);
        frame.dialogs.clear();
        if frame.forms.is_empty() {
            frame.forms.push(Form { real: true, ..Form::default() });
        }
        for (number, field) in (1..).zip(&mut frame.fields) {
            (field.node, field.order, field.form, field.dialog) = (number, number, Some(0), None);
        }
        frame.buttons.clear();
        frame.links.clear();
        frame.texts.clear();
    }
    snapshot
}

fn secret_roles(snapshot: &PageSnapshot) -> Vec<FieldRole> {
    let secret = |role: &FieldRole| {
        !matches!(role, FieldRole::Username | FieldRole::Puzzle | FieldRole::TrustBox | FieldRole::SentCode)
    };
    let read = recognise(snapshot, &SiteKnowledge::at(&format!("{OURS}/")));
    if read.score < 0.4 { Vec::new() } else { read.parts.iter().map(|part| part.role).filter(secret).collect() }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_secret_goes_where_an_account_is_opened(
        snapshot in snapshot(),
        heading in select(vec!["Create account", "Sign up", "Konto erstellen", "Créer un compte", "Crear cuenta"]),
        button in select(vec!["Sign up", "Join", "Register", "Registrieren", "S'inscrire"]),
    ) {
        let mut snapshot = in_one_form(snapshot);
        for frame in &mut snapshot.frames {
            let role = TextRole::Heading(1);
            frame.texts.push(Text { order: 0, text: heading.into(), role, ..Text::default() });
            frame.buttons.push(Button { node: 90, order: 90, name: button.into(), form: Some(0), ..Button::default() });
        }
        prop_assert_eq!(secret_roles(&snapshot), vec![]);
    }

    #[test]
    fn no_secret_goes_into_a_line_for_another_services_secret(
        snapshot in snapshot(),
        label in select(vec!["API key", "Client secret", "Webhook secret", "SMTP password", "Clave API", "API-Schlüssel"]),
        button in select(vec!["Save", "Test", "Apply", "Speichern", ""]),
    ) {
        let mut snapshot = in_one_form(snapshot);
        for frame in &mut snapshot.frames {
            for field in &mut frame.fields {
                field.words.label = label.into();
            }
            frame.buttons.push(Button { node: 90, order: 90, name: button.into(), form: Some(0), ..Button::default() });
        }
        prop_assert_eq!(secret_roles(&snapshot), vec![]);
    }
}

#[test]
fn a_form_of_another_origin_is_never_filled() {
    let secret = |node, kind, label: &str| Field {
        node,
        order: node,
        kind,
        words: Words { label: label.into(), ..Words::default() },
        form: Some(0),
        ..Field::default()
    };
    let page = |origin: &str, action: &str| PageSnapshot {
        frames: vec![Frame {
            id: "F".into(),
            origin: origin.into(),
            address: format!("{origin}/login"),
            forms: vec![Form { real: true, action_origin: Some(action.into()), ..Form::default() }],
            fields: vec![secret(1, FieldKind::Text, "Username"), secret(2, FieldKind::Password, "Password")],
            buttons: vec![Button { node: 3, order: 3, name: "Sign in".into(), form: Some(0), ..Button::default() }],
            ..Frame::default()
        }],
        ..PageSnapshot::default()
    };
    let site = SiteKnowledge::at(OURS);
    let act =
        |snapshot: &PageSnapshot| SignInFlow::new(site.clone(), true, Trust::DoNotTrust).step(snapshot, Duration::ZERO);
    assert!(matches!(act(&page(OURS, OURS)), Step::Fill(_)));
    let mut back_again = page(OURS, "https://evil.example");
    back_again.frames[0].forms[0].enter_origin = Some(OURS.into());
    back_again.frames[0].buttons.clear();
    assert!(matches!(act(&back_again), Step::Fill(_)), "Enter sends it where its first button says");
    let mut by_button = page(OURS, OURS);
    by_button.frames[0].buttons[0].action_origin = Some("https://evil.example".into());
    // Enter presses the form's first button, also one that is not seen; where another one is pressed, it does not count.
    let mut by_enter = page(OURS, OURS);
    by_enter.frames[0].forms[0].enter_origin = Some("https://evil.example".into());
    assert!(matches!(act(&by_enter), Step::Fill(_)));
    by_enter.frames[0].buttons.clear();
    let by_form = page(OURS, "https://evil.example");
    let whole = page("https://evil.example", "https://evil.example");
    for snapshot in [whole, by_form, by_button, by_enter] {
        let left = act(&snapshot);
        assert!(
            matches!(&left, Step::GiveUp(countersign_model::ChangeReason::LeftSite { origin }) if origin == "https://evil.example")
        );
    }
}
