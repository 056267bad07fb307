//! What the site's fields are called.

use crate::dice::{generated_name, pick};
use serde::{Deserialize, Serialize};

/// What a field is for, whatever it is called.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FieldRole {
    /// Name or mail address, at the sign-in.
    Username,
    /// The password, at the sign-in and where it is asked again.
    Password,
    /// The token.
    Token,
    /// The sum in the picture.
    Captcha,
    /// The code that came by mail.
    MailCode,
    /// The current password, at the change.
    Old,
    /// The new one.
    New,
    /// The new one again.
    Repeat,
    /// A hidden field that people do not see.
    Decoy,
    /// Any other field.
    Other,
}

/// What the fields of one layout are called.
#[derive(Clone, Debug)]
pub(crate) struct Names {
    pub(crate) username: String,
    pub(crate) password: String,
    pub(crate) token: String,
    pub(crate) captcha: String,
    pub(crate) mail_code: String,
    pub(crate) old: String,
    pub(crate) new: String,
    pub(crate) repeat: String,
    pub(crate) csrf: String,
    pub(crate) decoys: [String; 3],
    /// One-digit boxes share one name; otherwise they are counted from 1.
    pub(crate) boxes_share_name: bool,
}

impl Names {
    pub(crate) fn new(seed: u64, generated: bool) -> Self {
        let name = |what: &str, plain: &str| {
            if generated { format!("f_{}", generated_name(seed, what)) } else { plain.to_owned() }
        };
        let pick = |what: &str, options: &'static [&'static str]| {
            name(what, if seed == 0 { options[0] } else { pick(seed, what, options) })
        };
        // Sites name the three together; drawn apart, "password" would stand for two of them.
        let change = if seed == 0 { CHANGE[0] } else { self::pick(seed, "change names", CHANGE) };
        Self {
            username: pick("username", USERNAME),
            password: pick("password", PASSWORD),
            token: pick("token", TOKEN),
            captcha: pick("captcha", &["captcha", "answer", "sum", "challenge_response"]),
            mail_code: pick("mail code", &["mail_code", "pin", "email_code", "confirmation"]),
            old: name("old", change[0]),
            new: name("new", change[1]),
            repeat: name("repeat", change[2]),
            csrf: pick(
                "csrf",
                &["csrf", "_token", "authenticity_token", "csrfmiddlewaretoken", "__RequestVerificationToken"],
            ),
            decoys: [name("decoy 1", "website"), name("decoy 2", "e_mail"), name("decoy 3", "passwrd")],
            boxes_share_name: seed % 2 == 1,
        }
    }

    /// What a field is for, by its name on a page of the site; the name of a box counts as the token's.
    pub(crate) fn role(&self, name: &str) -> FieldRole {
        if self.decoys.iter().any(|decoy| decoy == name) {
            return FieldRole::Decoy;
        }
        let known = [
            (&self.username, FieldRole::Username),
            (&self.old, FieldRole::Old),
            (&self.new, FieldRole::New),
            (&self.repeat, FieldRole::Repeat),
            (&self.password, FieldRole::Password),
            (&self.captcha, FieldRole::Captcha),
            (&self.mail_code, FieldRole::MailCode),
        ];
        if let Some((_, role)) = known.iter().find(|(known, _)| *known == name) {
            return *role;
        }
        if name.starts_with(self.token.as_str()) { FieldRole::Token } else { FieldRole::Other }
    }
}

const USERNAME: &[&str] =
    &["username", "login", "email", "user[login]", "identifier", "session_key", "account", "j_username", "log"];
const PASSWORD: &[&str] =
    &["password", "passwd", "pass", "user[password]", "session_password", "pwd", "secret", "j_password"];
const TOKEN: &[&str] =
    &["otp", "code", "token", "totp", "verification_code", "otp_attempt", "two_factor_code", "mfa[code]", "authcode"];
const CHANGE: &[[&str; 3]] = &[
    ["old_password", "new_password", "repeat_password"],
    ["current_password", "new_password1", "new_password2"],
    ["oldpassword", "password1", "password2"],
    ["account[current_password]", "account[password]", "account[password_confirmation]"],
    ["cpw", "npw", "rnpw"],
    ["passwd_old", "passwd_new", "passwd_again"],
    ["sudo_password", "new_pw", "verify_pw"],
];
