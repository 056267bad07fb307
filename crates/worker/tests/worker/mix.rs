//! Hurdles of real sites, mixed: which ones a seed meets, and how a change must end there.
//!
//! Everything follows from the seed alone. Each seed has a look and a way to sign in, and most have one special
//! hurdle, which decides what is right.

use countersign_model::{Challenge, Trust};
use serde_json::{Value, json};

/// One seed's hurdles with the right end.
#[derive(Debug, Clone)]
pub(crate) struct Mix {
    /// For the practice site's control, as a patch over no hurdles.
    pub(crate) hurdles: Value,
    /// What the owner wishes when a site asks whether to trust the browser.
    pub(crate) trust: Trust,
    /// The vault holds a password that does not sign in.
    pub(crate) stored_wrong: bool,
    /// How it must end.
    pub(crate) right: Right,
    /// Nothing at all says what the fields are for: to wait for a person is right, too.
    pub(crate) nameless: bool,
    /// What is special.
    pub(crate) about: &'static str,
}

/// How a change must end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Right {
    /// The new password holds, and is proven.
    Changed,
    /// A person is waited for; the old password holds.
    Parked(Challenge),
    /// It ended for this reason (its stable name); the old password holds.
    Failed(&'static str),
    /// It ended for this reason, or it was changed by a way that does not lead past the hurdle.
    FailedOrChanged(&'static str),
    /// The new password was sent and does not hold; the old one does.
    Unchanged,
}

/// What a seed meets.
pub(crate) fn mix(seed: u64) -> Mix {
    let draw = Draw(seed);
    let mut mix = Mix {
        hurdles: common(seed, &draw),
        trust: if draw.maybe("trust wish", 50) { Trust::Trust } else { Trust::DoNotTrust },
        stored_wrong: false,
        right: Right::Changed,
        nameless: false,
        about: "nothing special",
    };
    if draw.maybe("special", 75) {
        let index = draw.below("which special", SPECIALS.len() as u64);
        let (about, right, patch) = SPECIALS[usize::try_from(index).unwrap_or(0)];
        mix.about = about;
        mix.right = right;
        mix.stored_wrong = about == "a wrong password is stored";
        merge(&mut mix.hurdles, &serde_json::from_str(patch).unwrap_or(Value::Null));
    }
    let look = &mix.hurdles["look"];
    mix.nameless = look["labels"] == json!("icons") && look["generated_names"] == json!(true);
    mix
}

/// Look and ways that change nothing about how it must end.
fn common(seed: u64, draw: &Draw) -> Value {
    let mut all = json!({
        "look": {
            "layout_seed": seed,
            "language": draw.one("language", &["en", "en", "de", "fr", "es", "it", "pt"]),
            "transport": draw.one("transport", &["pages", "pages", "pages", "fetch", "websocket"]),
            "address_follows": draw.maybe("address follows", 50),
            "shadow": draw.one("shadow", &["none", "none", "none", "open", "closed"]),
            "generated_names": draw.maybe("generated names", 25),
            "duplicate_ids": draw.maybe("duplicate ids", 15),
            "decoys": draw.maybe("decoys", 25),
            "dialogs": {
                "cookie_banner": draw.maybe("cookie banner", 20),
                "newsletter_box": draw.maybe("newsletter box", 10),
                "alert": draw.maybe("alert", 5),
                "confirm": draw.maybe("confirm", 8),
                "before_unload": draw.maybe("before unload", 5),
                "toast_over_button_ms": if draw.maybe("toast", 10) { 800 } else { 0 },
            },
            "noise": {"restless": draw.maybe("restless", 3)},
        },
        "sign_in": {
            "steps": draw.one("steps", &["one", "one", "two"]),
            "token": draw.one("token", &["own_page", "own_page", "same_form", "appears"]),
            "boxes": draw.maybe("boxes", 20),
            "auto_submit": draw.maybe("auto submit", 40),
            "frame": draw.maybe("frame", 12),
            "guard": {"refuse_replay": draw.maybe("replay", 15)},
        },
        "change": {"ends_others": draw.maybe("ends others", 30)},
        "web": {"every_path_200": draw.maybe("every path", 10), "well_known": draw.maybe("well known", 15)},
    });
    if draw.maybe("labels", 20) {
        all["look"]["labels"] = json!(draw.one("which labels", &["placeholder", "icons", "icons_named", "title"]));
    }
    all
}

use Right::{Changed, Failed, FailedOrChanged, Parked, Unchanged};

/// What is special, how it must end, and the hurdles.
const SPECIALS: &[(&str, Right, &str)] = &[
    ("a puzzle in the sign-in form", Parked(Challenge::Captcha), r#"{"sign_in": {"captcha": {"sign_in": true}}}"#),
    (
        "a puzzle after the sign-in form",
        Parked(Challenge::Captcha),
        r#"{"sign_in": {"captcha": {"sign_in": true, "place": "own_page", "picture": "svg"}}}"#,
    ),
    ("a puzzle in the change form", Parked(Challenge::Captcha), r#"{"sign_in": {"captcha": {"change": true}}}"#),
    ("an unusual place", Parked(Challenge::Location), r#"{"sign_in": {"location": "new_browser"}}"#),
    ("a code by mail", Parked(Challenge::NewDevice), r#"{"sign_in": {"mail_code": true}}"#),
    ("trust is asked on a page", Changed, r#"{"sign_in": {"trust": {"asked": "page"}}}"#),
    ("trust is a box", Changed, r#"{"sign_in": {"trust": {"asked": "checkbox"}}}"#),
    ("trust ends with the change", Changed, r#"{"sign_in": {"trust": {"asked": "page", "ends_on_change": true}}}"#),
    ("the password is asked again", Changed, r#"{"sign_in": {"reauth": {"after_seconds": 0}}}"#),
    ("password and token are asked again", Changed, r#"{"sign_in": {"reauth": {"after_seconds": 0, "token": true}}}"#),
    ("tokens are taken once", Changed, r#"{"sign_in": {"guard": {"refuse_replay": true, "skew": 0}}}"#),
    (
        "too many requests",
        Failed("rate_limited"),
        r#"{"sign_in": {"token": "own_page", "guard": {"rate_limit": {"posts": 1, "seconds": 600}}}}"#,
    ),
    (
        "rules that are met",
        Changed,
        r#"{"change": {"rules": {"min": 8, "max": 64, "required": ["lower", "upper", "digit"], "told": true}}}"#,
    ),
    ("rules that are kept secret", Failed("password_rejected"), r#"{"change": {"rules": {"min": 90, "told": false}}}"#),
    ("all other sessions end", Changed, r#"{"change": {"ends_others": true}}"#),
    ("this session ends, too", Changed, r#"{"change": {"ends_others": true, "ends_this": true}}"#),
    (
        "slow answers",
        Changed,
        r#"{"faults": [{"page": "sign_in", "method": "post", "act": {"slow": 2500}, "times": 1},
                       {"page": "token", "method": "post", "act": {"slow": 2500}, "times": 1},
                       {"page": "change", "method": "post", "act": {"slow": 4000}, "times": 1}]}"#,
    ),
    ("it says changed and is not", Unchanged, r#"{"change": {"lie": "says_changed", "confirm_page": false}}"#),
    ("it says failed and is changed", Changed, r#"{"change": {"lie": "says_failed", "confirm_page": false}}"#),
    ("success is only a jump", Changed, r#"{"change": {"success": "jump"}}"#),
    ("success is not told", Changed, r#"{"change": {"success": "nothing"}}"#),
    (
        "the sign-in leads astray",
        FailedOrChanged("left_site"),
        r#"{"web": {"trap": {"at": "sign_in", "host": "other_port"}}}"#,
    ),
    (
        "the way to the change page leads astray",
        Failed("left_site"),
        r#"{"web": {"trap": {"at": "change_page", "host": "other_host"}}}"#,
    ),
    (
        "the change form is sent astray",
        Failed("left_site"),
        r#"{"look": {"transport": "pages"}, "web": {"trap": {"at": "change_form_action", "host": "other_port"}}}"#,
    ),
    ("it leads astray after the change", Changed, r#"{"web": {"trap": {"at": "after_change", "host": "other_host"}}}"#),
    (
        "the well-known address leads astray",
        Changed,
        r#"{"web": {"well_known": true, "trap": {"at": "well_known", "host": "other_port"}}}"#,
    ),
    (
        "it dies once the password was changed",
        Changed,
        r#"{"change": {"confirm_page": false}, "faults": [{"page": "change", "method": "post", "when": "after", "act": "die", "times": 1}]}"#,
    ),
    (
        "it breaks before the password is changed",
        Unchanged,
        r#"{"faults": [{"page": "change", "method": "post", "act": "fail", "times": 1}]}"#,
    ),
    ("it is not there", Failed("site_unavailable"), r#"{"faults": [{"page": "any", "act": "unavailable"}]}"#),
    ("it fails once", Changed, r#"{"faults": [{"page": "sign_in", "method": "get", "act": "fail", "times": 1}]}"#),
    ("a wrong password is stored", Failed("wrong_password"), "{}"),
    (
        "windows and a page that moves",
        Changed,
        r#"{"look": {"noise": {"restless": true, "pop_ups": 1, "print": true}}}"#,
    ),
    ("a form that is built anew", Changed, r#"{"look": {"noise": {"reload_ms": 2500, "pages": ["sign_in"]}}}"#),
];

/// A JSON merge patch (RFC 7396).
fn merge(into: &mut Value, patch: &Value) {
    match (into, patch) {
        (Value::Object(into), Value::Object(patch)) => {
            for (key, value) in patch {
                merge(into.entry(key).or_insert(Value::Null), value);
            }
        }
        (into, patch) => *into = patch.clone(),
    }
}

/// Decisions that follow from a seed, each under its own name, so that a new one moves no other.
struct Draw(u64);

impl Draw {
    fn below(&self, what: &str, bound: u64) -> u64 {
        let name = what
            .bytes()
            .fold(0xcbf2_9ce4_8422_2325_u64, |mix, byte| (mix ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3));
        // SplitMix64's last steps, so that neighbouring seeds have nothing in common.
        let mut mixed = name ^ self.0.wrapping_mul(0x9E37_79B9_7F4A_7C15);
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        (mixed ^ (mixed >> 31)).checked_rem(bound).unwrap_or(0)
    }

    fn maybe(&self, what: &str, percent: u64) -> bool {
        self.below(what, 100) < percent
    }

    fn one<T: Copy>(&self, what: &str, options: &[T]) -> T {
        let index = usize::try_from(self.below(what, options.len() as u64)).unwrap_or(0);
        options[index]
    }
}
