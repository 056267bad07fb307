//! The addresses of one layout, and which page stands at one.

use super::{ChangeAt, Layout};
use crate::dice::pick;
use crate::hurdles::Steps;
use crate::page_name::PageName;
use serde::Serialize;

/// The addresses of the pages: paths on the site's own origin.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Paths {
    pub(crate) home: String,
    pub(crate) sign_in: String,
    pub(crate) password: String,
    pub(crate) captcha: String,
    pub(crate) location: String,
    pub(crate) mail_code: String,
    pub(crate) token: String,
    pub(crate) trust: String,
    pub(crate) reauth: String,
    pub(crate) sign_out: String,
    pub(crate) sign_up: String,
    pub(crate) feed: String,
    pub(crate) profile: String,
    pub(crate) settings: String,
    pub(crate) security: String,
    pub(crate) old_password: String,
    pub(crate) change: String,
    pub(crate) change_confirm: String,
    pub(crate) sessions: String,
    pub(crate) two_factor: String,
    pub(crate) about: String,
    pub(crate) search: String,
    pub(crate) newsletter: String,
    pub(crate) mail: String,
    pub(crate) delete: String,
}

impl Paths {
    pub(crate) fn new(seed: u64) -> Self {
        let pick = |what: &str, options: &'static [&'static str]| -> String {
            (if seed == 0 { options[0] } else { pick(seed, what, options) }).to_owned()
        };
        let sign_in = pick("sign-in path", SIGN_IN);
        let under = |what: &str, options: &'static [&'static str]| {
            format!("{}{}", sign_in.trim_end_matches('/'), pick(what, options))
        };
        let settings = pick("settings path", SETTINGS);
        let below = |what: &str, options: &'static [&'static str]| {
            format!("{}{}", settings.trim_end_matches('/'), pick(what, options))
        };
        let change = below(
            "change path",
            &["/password", "/change-password", "/credentials", "/pw", "/security/password", "/p/edit"],
        );
        Self {
            home: "/".to_owned(),
            password: under("password path", &["/password", "/pwd", "/2", "/challenge"]),
            captcha: under("captcha path", &["/check", "/human", "/verify-human"]),
            location: under("location path", &["/location", "/was-this-you", "/review"]),
            mail_code: under("mail path", &["/device", "/email-code", "/new-device"]),
            token: under("token path", &["/token", "/two-factor", "/2fa", "/otp", "/verify"]),
            trust: under("trust path", &["/trust", "/remember", "/save-device"]),
            reauth: pick("reauth path", &["/confirm-access", "/reauthenticate", "/sudo", "/auth/again"]),
            sign_out: pick("sign-out path", &["/sign-out", "/logout", "/session/end"]),
            sign_up: pick("sign-up path", &["/sign-up", "/join", "/register", "/i/flow/signup"]),
            feed: pick("feed path", &["/feed", "/timeline", "/stream", "/latest"]),
            profile: pick("profile path", &["/me", "/profile", "/u/self", "/my-page"]),
            security: below("security path", &["/security", "/login-and-security", "/safety"]),
            old_password: format!("{change}/verify"),
            change_confirm: format!("{change}/confirm"),
            change,
            sessions: below("sessions path", &["/sessions", "/devices", "/logins"]),
            two_factor: below("two-factor path", &["/two-factor", "/2fa", "/mfa"]),
            about: pick("about path", &["/about", "/help", "/legal"]),
            search: "/search".to_owned(),
            newsletter: "/newsletter".to_owned(),
            mail: below("mail address path", &["/email", "/contact"]),
            delete: below("delete path", &["/delete", "/close", "/deactivate"]),
            sign_in,
            settings,
        }
    }
}

/// Which page stands at a path; `None` when there is none.
pub(crate) fn route(layout: &Layout, steps: Steps, path: &str) -> Option<PageName> {
    let paths = &layout.paths;
    if path == "/.well-known/change-password" {
        return Some(PageName::WellKnown);
    }
    let on_settings = layout.change_at.on_settings();
    let table: [(&str, PageName); 26] = [
        (&paths.home, PageName::Home),
        (&paths.sign_in, PageName::SignIn),
        (&paths.password, PageName::Password),
        (&paths.captcha, PageName::Captcha),
        (&paths.location, PageName::Location),
        (&paths.mail_code, PageName::MailCode),
        (&paths.token, PageName::Token),
        (&paths.trust, PageName::Trust),
        (&paths.reauth, PageName::Reauth),
        (&paths.sign_out, PageName::SignOut),
        (&paths.sign_up, PageName::SignUp),
        (&paths.feed, PageName::Feed),
        (&paths.profile, PageName::Profile),
        (&paths.settings, if on_settings { PageName::Change } else { PageName::Settings }),
        (&paths.security, PageName::Settings),
        (&paths.old_password, PageName::OldPassword),
        (&paths.change, PageName::Change),
        (&paths.change_confirm, PageName::ChangeConfirm),
        (&paths.sessions, PageName::Sessions),
        (&paths.two_factor, PageName::TwoFactor),
        (&paths.about, PageName::About),
        (&paths.search, PageName::Search),
        (&paths.newsletter, PageName::OtherForm),
        (&paths.mail, PageName::OtherForm),
        (&paths.delete, PageName::OtherForm),
        ("/out", PageName::Out),
    ];
    let path = if path.len() > 1 { path.trim_end_matches('/') } else { path };
    let found = table.iter().find(|(known, _)| known.trim_end_matches('/') == path.trim_end_matches('/'))?.1;
    match found {
        PageName::Password if steps == Steps::One => None,
        PageName::OldPassword if !layout.old_first => None,
        PageName::ChangeConfirm if !layout.confirm_page => None,
        _ => Some(found),
    }
}

impl Layout {
    /// The address of the page with the change form.
    pub(crate) fn change_page(&self) -> &str {
        if self.change_at.on_settings() { &self.paths.settings } else { &self.paths.change }
    }

    /// The address from which one comes to the change page: where its link stands.
    pub(crate) fn change_linked_from(&self) -> &str {
        match self.change_at {
            ChangeAt::Profile => &self.paths.profile,
            ChangeAt::Security => &self.paths.security,
            _ => &self.paths.settings,
        }
    }
}

const SIGN_IN: &[&str] = &[
    "/sign-in",
    "/login",
    "/signin",
    "/account/login",
    "/accounts/sign-in/",
    "/auth",
    "/session/new",
    "/users/sign_in",
    "/i/flow/login",
    "/sso/start",
    "/welcome",
];
const SETTINGS: &[&str] =
    &["/settings", "/preferences", "/account", "/my/account", "/settings/account", "/profile/edit", "/accounts/center"];

#[cfg(test)]
mod tests {
    use super::route;
    use crate::hurdles::{Hurdles, Steps};
    use crate::layout::Layout;
    use crate::page_name::PageName;
    use std::collections::BTreeSet;

    #[test]
    fn no_two_pages_share_an_address_under_any_seed() {
        let mut hurdles = Hurdles::default();
        for seed in 0..3000 {
            hurdles.look.layout_seed = seed;
            let paths = serde_json::to_value(Layout::new(&hurdles).paths).unwrap();
            let all: Vec<&str> = paths.as_object().unwrap().values().map(|path| path.as_str().unwrap()).collect();
            let distinct: BTreeSet<&str> = all.iter().map(|path| path.trim_end_matches('/')).collect();
            assert_eq!(distinct.len(), all.len(), "seed {seed}: {all:?}");
        }
    }

    #[test]
    fn pages_that_a_site_does_not_have_are_not_found() {
        let layout = Layout::new(&Hurdles::default());
        assert_eq!(route(&layout, Steps::One, "/sign-in/"), Some(PageName::SignIn));
        assert_eq!(route(&layout, Steps::One, "/sign-in/password"), None);
        assert_eq!(route(&layout, Steps::Two, "/sign-in/password"), Some(PageName::Password));
        assert_eq!(route(&layout, Steps::One, "/settings/password/confirm"), None);
        assert_eq!(route(&layout, Steps::One, "/nothing"), None);
        assert_eq!(route(&layout, Steps::One, "/"), Some(PageName::Home));
    }
}
