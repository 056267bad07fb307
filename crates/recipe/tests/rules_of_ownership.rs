//! Whose line it is: a secret goes only into one that is positively its own, in a form whose purpose is positively ours.

mod page;

use countersign_recipe::{FieldRole, Method, PageKind, Recognised, SiteKnowledge, recognise};
use countersign_snapshot::{Bounds, ButtonKind, Field, FieldKind, Form, Hue, PageResponse, Region, TextRole};
use page::{Page, SITE, roles};

use FieldKind::{Email, Number, Password, Tel, Text as Line};
use FieldRole::{CurrentPassword, NewPassword, Puzzle, RepeatPassword, Token, Username};

const SECRET: &[FieldRole] = &[CurrentPassword, NewPassword, RepeatPassword, Token];

/// No secret would be typed: nothing is a secret's line, or it is below every certainty.
fn types_nothing(read: &Recognised) -> bool {
    read.score < 0.4 || !read.parts.iter().any(|part| SECRET.contains(&part.role))
}

fn named(name: &str) -> impl FnOnce(&mut Field) {
    move |field| field.words.html_name = name.into()
}

#[test]
fn an_address_for_news_is_no_name_to_sign_in_with() {
    let read = |change: &dyn Fn(&mut Field)| {
        Page::new().heading("Sign in to your account").field_with(Email, "E-mail", change).button("Go on").read()
    };
    assert_eq!(read(&|_| {}).kind, PageKind::SignIn);
    for change in [&(|field: &mut Field| field.region = Region::Footer) as &dyn Fn(&mut Field), &|field: &mut Field| {
        field.words.html_name = "newsletter_mail".into();
    }] {
        assert!(read(change).parts.is_empty());
    }
}

#[test]
fn forms_that_open_an_account_get_nothing() {
    let new = |field: &mut Field| field.autocomplete = "new-password".into();
    let pages = [
        Page::new()
            .at("/login", "Join")
            .field_with(Line, "", |field| field.filled = true)
            .field_with(Line, "", |field| field.autocomplete = "username".into())
            .field_with(Password, "", new)
            .button("Join"),
        Page::new().heading("Create account").field(Email, "E-mail").field(Password, "Password").button("Continue"),
        Page::new().heading("Sign up").field(Line, "Username").field_with(Password, "Password", new).button("Go"),
        Page::new()
            .heading("Welcome")
            .field(Line, "First name")
            .field(Line, "Last name")
            .field(Email, "E-mail")
            .field(Password, "Password")
            .field(Password, "Confirm password")
            .button("Register"),
        Page::new().heading("Konto erstellen").field(Email, "E-Mail").field(Password, "Passwort").button("Weiter"),
        Page::new().heading("Inscription").field(Email, "Courriel").field(Password, "Mot de passe").button("Valider"),
    ];
    for (number, page) in pages.into_iter().enumerate() {
        let read = page.read();
        assert!(types_nothing(&read), "{number}: {:?} {} {:?}", read.kind, read.score, roles(&read));
    }
}

#[test]
fn keys_and_passwords_of_other_services_are_never_ours() {
    let out = |page: Page| page.link_in("Sign out", "/logout", Region::Header);
    let pages = [
        out(Page::new().heading("Settings")).field(Password, "Google API Key").button("Save"),
        out(Page::new().heading("Integrations")).field(Password, "Token").button("Save"),
        out(Page::new().heading("E-mail"))
            .field(Line, "SMTP host")
            .field(Line, "User")
            .field(Password, "SMTP password")
            .button("Save"),
        out(Page::new().heading("Settings"))
            .button_with("Webhook secret", |button| button.kind = ButtonKind::Plain)
            .field(Password, "")
            .button("Save"),
        out(Page::new().heading("Storage")).field_with(Password, "Secret", named("s3_secret")).button("Apply"),
        out(Page::new().heading("Database")).field(Line, "User").field(Password, "Password").button("Save"),
        out(Page::new().heading("Wi-Fi")).field(Password, "Password").button("Apply"),
        out(Page::new().heading("LDAP")).field(Line, "Bind DN").field(Password, "Bind password").button("Test"),
        out(Page::new().heading("Proxy")).field(Line, "User name").field(Password, "Password").button("Save"),
        out(Page::new().heading("Einstellungen")).field(Password, "API-Schlüssel").button("Speichern"),
        out(Page::new().heading("Réglages")).field(Password, "Clé API").button("Enregistrer"),
        out(Page::new().heading("General")).field(Password, "Password").field(Line, "Site title").button("Save"),
    ];
    for (number, page) in pages.into_iter().enumerate() {
        let read = page.read();
        assert!(types_nothing(&read), "{number}: {:?} {} {:?}", read.kind, read.score, roles(&read));
    }
    let directory =
        Page::new().heading("Sign in").field(Line, "LDAP username").field(Password, "Password").button("Sign in");
    assert_eq!(roles(&directory.read()), [Username, CurrentPassword], "a directory one signs in with");
}

#[test]
fn who_is_in_is_asked_again_only_where_nothing_else_is_asked() {
    let out = || Page::new().link_in("Sign out", "/logout", Region::Header);
    let again = out().heading("Confirm your password to continue").field(Password, "Password").button("Confirm").read();
    assert_eq!((again.kind, roles(&again)), (PageKind::Reauthenticate, vec![CurrentPassword]));
    let beside = out()
        .heading("Confirm your password to continue")
        .field(Password, "Password")
        .button("Confirm")
        .field_with(Line, "Display name", |field| field.form = Some(1))
        .read();
    assert!(types_nothing(&beside), "{:?}", roles(&beside));
    let change = out()
        .heading("Security")
        .field(Password, "Current password")
        .field(Password, "New password")
        .button("Change password")
        .heading("Confirm your password to continue")
        .field_with(Password, "Password", |field| field.form = Some(1))
        .read();
    assert_eq!((change.kind, roles(&change)), (PageKind::Change, vec![CurrentPassword, NewPassword]));
}

#[test]
fn lines_about_passwords_and_prefilled_ones_are_left_alone() {
    let read = Page::new()
        .heading("Sign in")
        .field(Line, "Username")
        .field(Password, "Password")
        .field_with(Line, "Password rules", named("password_rules"))
        .field_with(Line, "Password hint", named("password_hint"))
        .button("Sign in")
        .read();
    assert_eq!(roles(&read), [Username, CurrentPassword]);
    let pin = Page::new()
        .heading("Sign in")
        .field(Line, "Username")
        .field(Password, "Password")
        .field_with(Password, "PIN", |field| field.filled = true)
        .button("Sign in")
        .read();
    assert_eq!(roles(&pin), [Username, CurrentPassword]);
}

#[test]
fn a_token_goes_into_no_card_and_into_what_is_only_called_one() {
    let sign_in = || Page::new().heading("Log in").field(Line, "Name").field(Password, "Password");
    let code = |most: Option<u32>| {
        move |field: &mut Field| {
            field.autocomplete = "cc-csc".into();
            field.max_length = most;
        }
    };
    for most in [None, Some(3), Some(4)] {
        let confirm = || Page::new().heading("Confirm your purchase").field(Password, "Password");
        let paid = confirm().field_with(Tel, "Security code", code(most)).button("Pay").read();
        assert!(!roles(&paid).contains(&Token), "{most:?}: {:?}", roles(&paid));
        let paid = sign_in().field_with(Tel, "Security code", code(most.or(Some(4)))).button("Pay").read();
        assert!(!roles(&paid).contains(&Token), "{most:?}: {:?}", roles(&paid));
    }
    // An attribute may be wrong: a code of six in a form to sign in is no card's, nor is one that an attribute calls a token's.
    let long = sign_in().field_with(Tel, "Verification code", code(Some(6))).button("Log in").read();
    assert_eq!(roles(&long), [Username, CurrentPassword, Token]);
    for label in [
        "Sechsstelliger Code",
        "6-digit code",
        "Code à 6 chiffres",
        "Código de seis dígitos",
        "6桁の認証コード",
        "6位验证码",
    ] {
        let said = sign_in().field_with(Tel, label, code(None)).button("Log in").read();
        assert_eq!(roles(&said), [Username, CurrentPassword, Token], "{label}");
    }
    let named_so = sign_in().field_with(Tel, "", |field| {
        code(None)(field);
        field.input_mode = "numeric".into();
        field.words.html_name = "authcode".into();
    });
    assert_eq!(roles(&named_so.button("Log in").read()), [Username, CurrentPassword, Token]);
}

#[test]
fn a_token_goes_into_no_captcha_no_card_and_no_name() {
    let sign_in = || Page::new().heading("Log in").field(Line, "Name").field(Password, "Password");
    let captcha = sign_in().button("").field_with(Line, "", named("captcha")).read();
    assert_eq!((roles(&captcha), captcha.puzzle), (vec![Username, CurrentPassword, Puzzle], true));
    for label in ["What is 3 + 4?", "Security question: your first pet", "Answer", "Sicherheitsfrage"] {
        let read = sign_in().field(Line, label).button("Log in").read();
        assert_eq!(roles(&read), [Username, CurrentPassword, Puzzle], "{label}");
    }
    let card = Page::new()
        .heading("Payment")
        .field(Line, "Card number")
        .field_with(Tel, "Security code", |field| field.autocomplete = "cc-csc".into())
        .button("Pay")
        .read();
    assert!(types_nothing(&card), "{:?}", roles(&card));
    let name = Page::new()
        .heading("Two-factor authentication")
        .field_with(Line, "", |field| field.autocomplete = "username".into())
        .button("Verify")
        .read();
    assert!(types_nothing(&name), "{:?} {:?}", name.kind, roles(&name));
    for label in
        ["Company code", "Zip code", "Promo code", "Account ID (12 digits)", "Postleitzahl", "Code postal", "邀请码"]
    {
        let read = sign_in().field(Line, label).button("Log in").read();
        assert_eq!((roles(&read), read.unread), (vec![Username, CurrentPassword], 1), "{label}");
        let alone = Page::new().heading("One more thing").field(Line, label).button("Continue").read();
        assert!(types_nothing(&alone), "{label}: {:?} {:?}", alone.kind, roles(&alone));
    }
    let either =
        Page::new().heading("Two-factor authentication").field(Line, "Token or recovery code").button("Verify").read();
    assert_eq!((either.kind, roles(&either)), (PageKind::Token, vec![Token]));
    let recovery = Page::new().heading("Recovery").field(Line, "Recovery code").button("Verify").read();
    assert!(types_nothing(&recovery));
}

#[test]
fn questions_that_only_the_owner_answers_are_no_names() {
    let read =
        Page::new().heading("Sign in").field(Line, "What was your first teacher's name?").button("Submit").read();
    assert_eq!((read.kind, roles(&read), read.unread), (PageKind::SignIn, vec![], 1));
    assert_eq!(read.questions[0].label, "What was your first teacher's name?");
    let tenant = Page::new()
        .heading("Sign in as IAM user")
        .field_with(Line, "Account ID (12 digits) or account alias", named("account"))
        .field_with(Line, "IAM username", |field| field.autocomplete = "username".into())
        .field(Password, "Password")
        .button("Sign in")
        .read();
    assert_eq!((roles(&tenant), tenant.questions.len()), (vec![Username, CurrentPassword], 1));
    assert_eq!(tenant.questions[0].html_name, "account");
}

#[test]
fn what_a_person_sees_is_seen() {
    let masked = Page::new()
        .heading("Log in")
        .field_with(Line, "Username", named("f1"))
        .field_with(Line, "Password", |field| (field.masked, field.words.html_name) = (true, "f2".into()))
        .button("Log in")
        .read();
    assert_eq!(roles(&masked), [Username, CurrentPassword]);
    let drawn =
        Page::new().heading("One more step").field_with(Line, "", |field| field.drawn_boxes = 6).button("Go on").read();
    assert_eq!((drawn.kind, roles(&drawn)), (PageKind::Token, vec![Token]));
    let read_only = Page::new()
        .heading("Log in")
        .field_with(Line, "Username", |field| field.read_only = true)
        .field_with(Password, "Password", |field| field.read_only = true)
        .button("Log in")
        .read();
    assert_eq!(roles(&read_only), [Username, CurrentPassword]);
    let shown = Page::new()
        .heading("Log in")
        .field_with(Line, "Username", |field| (field.read_only, field.filled) = (true, true))
        .field(Password, "Password")
        .button("Log in")
        .read();
    assert_eq!(roles(&shown), [CurrentPassword], "a name that is shown again");
    let numbers = (0..6).fold(Page::new().heading("Security code"), |page, index| {
        page.field_with(Number, "", |field| {
            field.autocomplete = "one-time-code".into();
            field.place = Bounds { x: 100 + 48 * index, y: 200, w: 44, h: 22 };
        })
    });
    let read = numbers.button("Continue").read();
    assert_eq!((read.kind, roles(&read)), (PageKind::Token, vec![Token; 6]));
}

#[test]
fn ways_to_choose_from() {
    let of = |read: &Recognised| read.methods.iter().map(|one| one.method).collect::<Vec<_>>();
    let second = Page::new()
        .heading("Verify it's you")
        .text("Choose how you want to sign in:")
        .link("Get a push on your phone", "/verify/push")
        .link("Text a code to •••• 34", "/verify/sms")
        .link("Enter a code from your authenticator app", "/verify/totp")
        .read();
    assert_eq!(
        (second.kind, of(&second)),
        (PageKind::Methods, vec![Method::Push, Method::Message, Method::Authenticator])
    );
    let plain = |button: &mut countersign_snapshot::Button| (button.form, button.kind) = (None, ButtonKind::Plain);
    let passkey = Page::new()
        .heading("Use your passkey")
        .text("Your device will ask you for your fingerprint, face or PIN.")
        .button_with("Continue with passkey", plain)
        .link("Try another way", "/login#")
        .read();
    assert_eq!((passkey.kind, of(&passkey)), (PageKind::Methods, vec![Method::Passkey, Method::Other]));
    let list = Page::new()
        .heading("Choose how to sign in")
        .button_with("Use a passkey", plain)
        .button_with("Enter your password", plain)
        .read();
    assert_eq!((list.kind, of(&list)), (PageKind::Methods, vec![Method::Passkey, Method::Password]));
    let radio = |label| move |page: Page| page.field_with(FieldKind::Radio, label, |field| field.checked = Some(false));
    let radios = radio("Authenticator app")(radio("SMS")(Page::new().heading("Two-factor authentication")));
    let radios = radios.button_with("Continue", |button| button.kind = ButtonKind::Submit).read();
    assert_eq!((radios.kind, of(&radios)), (PageKind::Methods, vec![Method::Message, Method::Authenticator]));
    assert!(radios.methods.iter().all(|one| one.then.is_some()));
    let entries = |all: &[&str]| {
        let entries = all.iter().map(|one| (*one).to_owned()).collect();
        let page = Page::new().heading("Verify your identity");
        let page = page.field_with(FieldKind::Select, "How would you like to verify?", |list| list.entries = entries);
        page.button_with("Continue", |button| button.kind = ButtonKind::Submit).read()
    };
    let drop_down = entries(&["Text message to ..34", "E-mail to m***@example.org", "Authenticator app"]);
    assert_eq!(
        (drop_down.kind, of(&drop_down)),
        (PageKind::Methods, vec![Method::Message, Method::Message, Method::Authenticator])
    );
    assert!(drop_down.methods.iter().all(|one| one.then.is_some()));
    assert_ne!(entries(&["English", "Deutsch", "Password"]).kind, PageKind::Methods);
    let chooser =
        Page::new().heading("Choose an account").link("Mara mara@example.org", "/a").link("Use another account", "/b");
    let chooser = chooser.read_for("mara@example.org");
    assert_eq!((chooser.kind, of(&chooser)), (PageKind::Methods, vec![Method::Password]));
    let settings = Page::new()
        .heading("Two-factor authentication")
        .link("Authenticator app", "/s/totp")
        .link("Passkeys", "/s/passkeys")
        .link_in("Sign out", "/logout", Region::Header)
        .read();
    assert_eq!(settings.kind, PageKind::SignedIn);
}

#[test]
fn evidence_of_being_in_and_of_being_out() {
    let home = Page::new().heading("Welcome back, mara").link_in("Log out", "/logout", Region::Header).read_for("mara");
    assert!(home.signed_in && home.account && !home.signed_out && home.refusals.is_empty());
    let form = Page::new().heading("Welcome back, mara").field(Password, "Password").button("Sign in").read_for("mara");
    assert!(!form.account && form.signed_out && !form.signed_in, "a name that one has typed");
    let failed =
        Page::new().heading("Sign-in failed").text("Wrong user name or password.").link("Try again", "/login").read();
    assert!(!failed.refusals.is_empty() && !failed.signed_in && !failed.account);
    let json = Page::new().text(r#"{"error":"invalid_grant"}"#).read();
    assert!(!json.refusals.is_empty());
    let mut post = Page::new().heading("Latest").button("");
    post.0.forms[0] = Form { real: true, action_path: "/users/sign_out".into(), ..Form::default() };
    assert!(post.read().signed_in, "a form that signs out");
    let static_hints = Page::new().heading("Latest").text("Forgot your password?").text("Wrong account?").read();
    assert!(static_hints.refusals.is_empty());
}

#[test]
fn a_server_that_fails_says_nothing_of_a_password() {
    let mut snapshot =
        Page::new().heading("Sign in").field(Line, "Username").field(Password, "Password").button("Sign in").snapshot();
    snapshot.answer = Some(PageResponse { status: 500, ..PageResponse::default() });
    assert_eq!(recognise(&snapshot, &SiteKnowledge::at(SITE)).kind, PageKind::Broken);
    let wait = Page::new().heading("Please wait").read();
    assert_eq!(wait.kind, PageKind::Unknown);
}

#[test]
fn profile_forms_are_read_as_far_as_they_are_ours() {
    let out = || Page::new().link_in("Log out", "/logout", Region::Header);
    let filled = |field: &mut Field| field.filled = true;
    let auto = |token: &'static str| move |field: &mut Field| field.autocomplete = token.into();
    let devise = out()
        .heading("Edit User")
        .field_with(Email, "Email", |field| (field.filled, field.autocomplete) = (true, "email".into()))
        .field_with(Password, "Password", auto("new-password"))
        .text("8 characters minimum")
        .field_with(Password, "Password confirmation", auto("new-password"))
        .field_with(Password, "Current password", auto("current-password"))
        .button_with("Update", |button| button.kind = ButtonKind::Submit)
        .heading("Cancel my account")
        .button_with("Delete my account", |button| button.form = Some(1))
        .read();
    assert_eq!((devise.kind, roles(&devise)), (PageKind::Change, vec![NewPassword, RepeatPassword, CurrentPassword]));
    assert!(devise.score >= 0.4, "{}", devise.score);
    assert_eq!(devise.rules_said.unwrap().min_length, Some(8));
    let wiki = out()
        .heading("Update your profile")
        .field_with(Line, "Real name", filled)
        .field_with(Email, "E-mail", filled)
        .field(Password, "New password")
        .field(Password, "once again")
        .field(Password, "Confirm current password")
        .button("Save")
        .read();
    assert_eq!(roles(&wiki), [NewPassword, RepeatPassword, CurrentPassword]);
    let record = out()
        .heading("Your details")
        .field_with(Line, "Name", filled)
        .field_with(Email, "E-mail", filled)
        .field(Password, "Password")
        .button_with("Save", |button| button.disabled = true)
        .read();
    assert_eq!((record.kind, roles(&record)), (PageKind::Change, vec![NewPassword]));
    assert!(record.submit.is_some(), "it wakes when something is typed");
    let outside = out()
        .heading("Change password")
        .field(Password, "Current password")
        .field(Password, "New password")
        .button_with("Save changes", |button| button.form = None)
        .read();
    assert!(outside.submit.is_some());
    let name = out()
        .heading("Change password")
        .field_with(Line, "User name", named("who"))
        .field(Password, "Current password")
        .field(Password, "New password")
        .field(Password, "Repeat new password")
        .button("Change password")
        .read();
    assert_eq!(
        (name.kind, roles(&name)),
        (PageKind::Change, vec![Username, CurrentPassword, NewPassword, RepeatPassword])
    );
    assert!(name.score >= 0.5, "{}", name.score);
}

#[test]
fn the_new_password_may_be_asked_for_once_more_on_a_page_of_its_own() {
    let read = Page::new()
        .link_in("Log out", "/logout", Region::Header)
        .heading("Confirm your new password")
        .field(Password, "Enter your new password again")
        .button("Save")
        .read();
    assert_eq!(read.kind, PageKind::Change);
    assert!(matches!(roles(&read).as_slice(), [NewPassword | RepeatPassword]), "{:?}", roles(&read));
    assert!(read.score >= 0.4, "{}", read.score);
}

#[test]
fn loose_lines_beside_the_real_form_are_not_what_the_page_is_about() {
    let loose = |field: &mut Field| field.form = None;
    let read = Page::new()
        .heading("Sign in")
        .field(Line, "Username")
        .field(Password, "Password")
        .button("Sign in")
        .field_with(Password, "", loose)
        .field_with(Password, "", loose)
        .read();
    assert_eq!((read.kind, roles(&read)), (PageKind::SignIn, vec![Username, CurrentPassword]));
}

#[test]
fn red_texts_and_alerts_are_marked() {
    let read = Page::new()
        .heading("Latest")
        .text_with("Xyzzy plugh nichts", |text| (text.hue, text.role) = (Hue::Red, TextRole::Plain))
        .read();
    assert!(!read.refusals.is_empty());
}
