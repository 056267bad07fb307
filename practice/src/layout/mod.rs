//! One of very many layouts: everything about structure, order, names and addresses that follows from the layout seed.
//!
//! Seed 0 is the plain layout. Every decision is drawn under its own name, so that a new one moves no other.

mod names;
mod paths;

pub use names::FieldRole;
pub(crate) use names::Names;
pub(crate) use paths::{Paths, route};

use crate::dice::{chance, pick};
use crate::hurdles::{Autocomplete, Hurdles, Labels, NewFields, Success};
use serde::Serialize;

/// Where the way to the sign-in is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum SignInAt {
    /// A link in the header.
    Header,
    /// A button in the middle of the front page.
    Hero,
    /// A link at the foot of the front page.
    Footer,
    /// A link in a menu that must be opened.
    Menu,
    /// The form is on the front page.
    Front,
    /// The front page jumps to it.
    Straight,
    /// The form is on the front page, in a dialog that a button opens.
    Dialog,
}

/// What stands around fields.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Nest {
    Plain,
    Table,
    Fieldset,
    List,
    Terms,
    Deep,
}

/// What a button is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Button {
    /// `<button>`.
    Plain,
    /// `<input type=submit>`.
    Input,
    /// `<div role=button>` with a script.
    DivRole,
    /// `<a role=button>` with a script.
    LinkRole,
    /// `<button type=button>` with a script.
    Scripted,
    /// `<button form=…>` outside the form.
    Outside,
}

/// How a question of two answers is put.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Choice {
    /// One form, two buttons.
    Buttons,
    /// Two forms with one button each.
    Forms,
    /// Two radio buttons and "continue".
    Radio,
}

/// Where the change form is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum ChangeAt {
    /// Settings, then its own page.
    Settings,
    /// Settings, security, then its own page.
    Security,
    /// From the profile, then its own page.
    Profile,
    /// On the settings page, among other forms.
    SamePage,
    /// On the settings page, in a `<details>`.
    Accordion,
    /// On the settings page, behind a tab.
    Tab,
    /// On the settings page, in a dialog.
    Dialog,
}

impl ChangeAt {
    /// The form is on the settings page itself.
    pub(crate) fn on_settings(self) -> bool {
        matches!(self, Self::SamePage | Self::Accordion | Self::Tab | Self::Dialog)
    }
}

/// Where the way to the settings is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum SettingsAt {
    /// A link in the header.
    Header,
    /// A link in a menu that must be opened.
    Menu,
    /// A link at the foot of each page.
    Footer,
    /// A link at the side.
    Side,
}

/// Where a message stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum MessageAt {
    /// Above the form.
    Above,
    /// Under the form.
    Below,
    /// Under the first field.
    Field,
    /// At the top of the page.
    Top,
}

/// The decisions of one layout seed, with what the hurdles fix.
#[derive(Clone, Debug)]
pub(crate) struct Layout {
    pub(crate) seed: u64,
    pub(crate) paths: Paths,
    pub(crate) names: Names,
    pub(crate) sign_in_at: SignInAt,
    pub(crate) nest: Nest,
    pub(crate) labels: Labels,
    pub(crate) button: Button,
    pub(crate) choice: Choice,
    pub(crate) settings_at: SettingsAt,
    pub(crate) change_at: ChangeAt,
    pub(crate) message_at: MessageAt,
    pub(crate) autocomplete: Autocomplete,
    pub(crate) username_is_mail: bool,
    pub(crate) token_type: &'static str,
    pub(crate) token_maxlength: bool,
    pub(crate) ask_old: bool,
    pub(crate) old_first: bool,
    pub(crate) old_last: bool,
    pub(crate) two_new: bool,
    pub(crate) confirm_page: bool,
    pub(crate) success: Success,
    pub(crate) bad_form_status: u16,
    pub(crate) after_post_jump: bool,
    pub(crate) show_password: bool,
    pub(crate) remember_me: bool,
    pub(crate) social: bool,
    pub(crate) error_like: bool,
    pub(crate) search: bool,
    pub(crate) newsletter: bool,
    pub(crate) join_on_front: bool,
    pub(crate) other_password_forms: bool,
    pub(crate) header_last: bool,
    pub(crate) lands_on_feed: bool,
}

const SIGN_IN_AT: &[SignInAt] = &[
    SignInAt::Header,
    SignInAt::Hero,
    SignInAt::Footer,
    SignInAt::Menu,
    SignInAt::Front,
    SignInAt::Straight,
    SignInAt::Dialog,
];
const NEST: &[Nest] = &[Nest::Plain, Nest::Table, Nest::Fieldset, Nest::List, Nest::Terms, Nest::Deep];
const LABELS: &[Labels] = &[
    Labels::Before,
    Labels::Around,
    Labels::After,
    Labels::Beside,
    Labels::Placeholder,
    Labels::AriaLabel,
    Labels::LabelledBy,
    Labels::Title,
];
const BUTTONS: &[Button] =
    &[Button::Plain, Button::Input, Button::DivRole, Button::LinkRole, Button::Scripted, Button::Outside];
const CHOICES: &[Choice] = &[Choice::Buttons, Choice::Forms, Choice::Radio];
const SETTINGS_AT: &[SettingsAt] = &[SettingsAt::Header, SettingsAt::Menu, SettingsAt::Footer, SettingsAt::Side];
const CHANGE_AT: &[ChangeAt] = &[
    ChangeAt::Settings,
    ChangeAt::Security,
    ChangeAt::Profile,
    ChangeAt::SamePage,
    ChangeAt::Accordion,
    ChangeAt::Tab,
    ChangeAt::Dialog,
];
const MESSAGE_AT: &[MessageAt] = &[MessageAt::Above, MessageAt::Below, MessageAt::Field, MessageAt::Top];
const AUTOCOMPLETE: &[Autocomplete] =
    &[Autocomplete::Right, Autocomplete::Absent, Autocomplete::Off, Autocomplete::Wrong];
const SUCCESS: &[Success] =
    &[Success::Message, Success::Page, Success::JumpWithMessage, Success::Jump, Success::Toast, Success::Nothing];

impl Layout {
    pub(crate) fn new(hurdles: &Hurdles) -> Self {
        let seed = hurdles.look.layout_seed;
        let draw = Draw { seed };
        let change = &hurdles.change;
        let distract = |what, percent| hurdles.look.distractors.unwrap_or_else(|| draw.maybe(what, percent));
        let ask_old = change.ask_old.unwrap_or_else(|| !draw.maybe("no old password", 15));
        Self {
            seed,
            paths: Paths::new(seed),
            names: Names::new(seed, hurdles.look.generated_names),
            sign_in_at: draw.one("sign-in at", SIGN_IN_AT),
            nest: draw.one("nest", NEST),
            labels: hurdles.look.labels.unwrap_or_else(|| draw.one("labels", LABELS)),
            button: draw.one("button", BUTTONS),
            choice: draw.one("choice", CHOICES),
            settings_at: draw.one("settings at", SETTINGS_AT),
            change_at: draw.one("change at", CHANGE_AT),
            message_at: draw.one("message at", MESSAGE_AT),
            autocomplete: hurdles.look.autocomplete.unwrap_or_else(|| draw.one("autocomplete", AUTOCOMPLETE)),
            username_is_mail: draw.maybe("username is mail", 25),
            token_type: draw.one("token type", &["text", "tel", "number", "password", "text"]),
            token_maxlength: !draw.maybe("token without maxlength", 40),
            ask_old,
            old_first: ask_old && change.old_first.unwrap_or_else(|| draw.maybe("old first", 12)),
            old_last: draw.maybe("old last", 20),
            two_new: change
                .new_fields
                .map_or_else(|| !draw.maybe("one new field", 30), |fields| fields == NewFields::Two),
            // The page for the repetition lies where the question would.
            confirm_page: change.confirm_page.unwrap_or_else(|| draw.maybe("confirm page", 15))
                || hurdles.odd.repeat_later,
            success: change.success.unwrap_or_else(|| draw.one("success", SUCCESS)),
            bad_form_status: draw.one("bad form status", &[200, 401, 422, 400, 403, 200]),
            after_post_jump: draw.maybe("jump after post", 50),
            show_password: draw.maybe("show password", 40),
            remember_me: draw.maybe("remember me", 50),
            social: distract("social", 35),
            error_like: hurdles.look.error_like_texts.unwrap_or_else(|| draw.maybe("error-like", 40)),
            search: distract("search", 50),
            newsletter: distract("newsletter", 40),
            join_on_front: distract("join on front", 30),
            other_password_forms: distract("other password forms", 60),
            header_last: draw.maybe("header last", 25),
            lands_on_feed: !draw.maybe("lands on profile", 30),
        }
    }
}

/// Draws for a seed; under seed 0 the first option and "no".
struct Draw {
    seed: u64,
}

impl Draw {
    fn one<T: Copy>(&self, what: &str, options: &[T]) -> T {
        if self.seed == 0 { options[0] } else { pick(self.seed, what, options) }
    }

    fn maybe(&self, what: &str, percent: u64) -> bool {
        self.seed != 0 && chance(self.seed, what, percent)
    }
}

#[cfg(test)]
mod tests {
    use super::Layout;
    use crate::hurdles::{Hurdles, Success};
    use std::collections::HashSet;

    fn layout(seed: u64) -> Layout {
        let mut hurdles = Hurdles::default();
        hurdles.look.layout_seed = seed;
        Layout::new(&hurdles)
    }

    #[test]
    fn a_seed_is_always_the_same_layout_and_two_thousand_seeds_are_two_thousand_layouts() {
        let told: HashSet<String> = (0..2000)
            .map(|seed| {
                let mut layout = layout(seed);
                layout.seed = 0;
                format!("{layout:?}")
            })
            .collect();
        assert_eq!(told.len(), 2000);
        assert_eq!(format!("{:?}", layout(77)), format!("{:?}", layout(77)));
    }

    #[test]
    fn a_switch_that_is_set_wins_over_the_seed() {
        let mut hurdles = Hurdles::default();
        hurdles.change.success = Some(Success::Jump);
        hurdles.change.ask_old = Some(false);
        for seed in 0..50 {
            hurdles.look.layout_seed = seed;
            let layout = Layout::new(&hurdles);
            assert_eq!((layout.success, layout.ask_old, layout.old_first), (Success::Jump, false, false));
        }
    }
}
