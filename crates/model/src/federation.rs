//! Federated identities: whose tokens a service account takes in place of a secret of its own (RFC 7523 §2.2), and what such a token has to
//! say. Of tokens whose signature was verified before; times are given.

use std::{collections::BTreeMap, fmt};

use serde_json::{Map, Value};

use crate::{Invalid, Timestamp, issuer, provider::line};

/// The most federated identities of one service account.
pub const MAX_FEDERATED_IDENTITIES: usize = 10;
/// The most claims that one of them can ask for beside issuer, audience and subject.
const MAX_CLAIMS: usize = 10;
const LONGEST_TEXT: usize = 500;
const LONGEST_NAME: usize = 100;
/// How far the issuer's clock may be off.
const SKEW_SECONDS: i64 = 60;
/// A token that serves for longer is none of one job.
const LONGEST_LIFE_SECONDS: i64 = 24 * 60 * 60;
/// So much of a claim is told to whoever has shown it.
const SHOWN: usize = 200;
/// Claims that have a field of their own, or are looked at in every token (RFC 7519 §4.1).
const LOOKED_AT: [&str; 7] = ["iss", "aud", "sub", "exp", "nbf", "iat", "jti"];

/// Whose tokens are taken: those of an issuer, for an audience, about a subject, and with such claims.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FederatedIdentity {
    /// Who issues the tokens, to the letter.
    pub issuer: String,
    /// For whom they have to be, and for nobody else.
    pub audience: String,
    /// Whom they have to be about, to the letter; with a `*` at its end everything that begins so.
    pub subject: String,
    /// What else they have to say, to the letter, by the claims' names.
    pub claims: BTreeMap<String, String>,
}

impl FederatedIdentity {
    /// Looks at each field, and takes blanks at its ends away.
    ///
    /// # Errors
    /// Names the field.
    pub fn checked(self) -> Result<Self, Invalid> {
        if self.claims.len() > MAX_CLAIMS {
            return Err(Invalid::new("claims", format!("are too many: at most {MAX_CLAIMS}")));
        }
        Ok(Self {
            issuer: issuer(&self.issuer)?,
            audience: line("audience", &self.audience, LONGEST_TEXT)?,
            subject: subject(&self.subject)?,
            claims: self.claims.iter().map(|(name, value)| claim(name, value)).collect::<Result<_, _>>()?,
        })
    }

    /// What of a verified token differs from it, and how far it was right.
    fn differs(&self, claims: &Map<String, Value>) -> Option<(usize, AssertionRefusal)> {
        let differs = |name: &str, at: usize| {
            let shown = claims.get(name).map(shown);
            Some((at, AssertionRefusal::Differs { claim: name.to_owned(), shown }))
        };
        // A token that is for others as well could be shown here by any of them.
        let audience = match claims.get("aud") {
            Some(Value::Array(several)) => matches!(&several[..], [Value::String(one)] if *one == self.audience),
            Some(Value::String(one)) => *one == self.audience,
            _ => false,
        };
        if claims.get("iss").and_then(Value::as_str) != Some(&self.issuer) {
            return differs("iss", 0);
        }
        if !audience {
            return differs("aud", 1);
        }
        if !claims.get("sub").and_then(Value::as_str).is_some_and(|subject| self.takes_subject(subject)) {
            return differs("sub", 2);
        }
        let wrong = self.claims.iter().position(|(name, wanted)| !claims.get(name).is_some_and(|it| says(it, wanted)));
        let (place, (name, _)) = wrong.and_then(|place| Some((place, self.claims.iter().nth(place)?)))?;
        differs(name, 3 + place)
    }

    fn takes_subject(&self, subject: &str) -> bool {
        match self.subject.strip_suffix('*') {
            Some(beginning) => subject.starts_with(beginning),
            None => subject == self.subject,
        }
    }
}

/// What a subject at GitHub can begin with beside its owner, where it was set up so.
const WITHOUT_OWNER: [&str; 10] = [
    "actor",
    "base_ref",
    "context",
    "environment",
    "event_name",
    "head_ref",
    "ref",
    "ref_type",
    "runner_environment",
    "workflow",
];

/// A subject, or how one begins. Before the `*` there has to be a whole name: at an issuer that many share, `repo:*` is everybody, and
/// `repo:acme*` is also whoever calls themselves `acme-2`.
fn subject(text: &str) -> Result<String, Invalid> {
    let text = line("subject", text, LONGEST_TEXT)?;
    let Some(beginning) = text.strip_suffix('*') else {
        return if text.contains('*') {
            Err(Invalid::new("subject", "may contain a * at its end only"))
        } else {
            Ok(text)
        };
    };
    if beginning.contains('*') {
        return Err(Invalid::new("subject", "may contain one * only, at its end"));
    }
    // Kind and name, each closed: `repo:acme/`, `project_path:acme/`, `org/7/`.
    let closed: Vec<&str> = beginning.split([':', '/']).map(str::trim).collect();
    match &closed[..] {
        // Parts of a subject that say no owner, and Kubernetes, where the namespace comes third.
        ["system", "serviceaccount", _] => {
            Err(Invalid::new("subject", "matches too much: name the namespace before the *"))
        }
        [kind, ..] if WITHOUT_OWNER.contains(kind) => Err(Invalid::new(
            "subject",
            "matches too much: everybody at the issuer has such subjects; write the whole subject",
        )),
        [kind, name, _, ..] if !kind.is_empty() && !name.is_empty() => Ok(text),
        _ => Err(Invalid::new(
            "subject",
            "matches too much: name the owner before the *, as in repo:acme/* or repo:acme/site:*",
        )),
    }
}

fn claim(name: &str, value: &str) -> Result<(String, String), Invalid> {
    let name = line("claims", name, LONGEST_NAME)?;
    if LOOKED_AT.contains(&name.as_str()) {
        return Err(Invalid::new("claims", format!("cannot contain \"{name}\", which is checked by itself")));
    }
    let value = line("claims", value, LONGEST_TEXT)?;
    if value.contains('*') {
        return Err(Invalid::new("claims", format!("must match exactly: \"{name}\" contains a *")));
    }
    Ok((name, value))
}

/// Whether a claim says that: a text to the letter, or a number or yes and no as JSON writes them. A list says nothing.
fn says(claim: &Value, wanted: &str) -> bool {
    match claim {
        Value::String(text) => text == wanted,
        Value::Number(number) => number.to_string() == wanted,
        Value::Bool(flag) => flag.to_string() == wanted,
        Value::Null | Value::Array(_) | Value::Object(_) => false,
    }
}

fn shown(claim: &Value) -> String {
    let text = claim.as_str().map_or_else(|| claim.to_string(), str::to_owned);
    text.chars().filter(|it| !it.is_control()).take(SHOWN).collect()
}

/// A token that is taken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AdmittedAssertion {
    /// Which of the federated identities it is of, by its place among them.
    pub identity: usize,
    /// Whom it is about.
    pub subject: String,
    /// Its own id, by which it is known if it is shown again.
    pub token_id: Option<String>,
    /// From when on it would be refused by its end alone.
    pub until: Timestamp,
}

/// Whether a verified token lets an account in that has these federated identities (RFC 7523 §3). Its subject is not the client's id, as
/// that section has it: a job does not know us, so the account says whom it believes to be it.
///
/// # Errors
/// Says which claim differs, of the identity that it comes closest to.
pub fn admit_assertion<'a>(
    trusted: impl IntoIterator<Item = &'a FederatedIdentity>,
    claims: &Map<String, Value>,
    now: Timestamp,
) -> Result<AdmittedAssertion, AssertionRefusal> {
    let mut closest = (0, AssertionRefusal::Untrusted);
    for (identity, trusted) in trusted.into_iter().enumerate() {
        match trusted.differs(claims) {
            Some(further) if further.0 > closest.0 => closest = further,
            Some(_) => {}
            None => {
                let until = lives_until(claims, now)?;
                let text = |name: &'static str| match claims.get(name) {
                    None => Ok(None),
                    Some(Value::String(text)) if !text.is_empty() => Ok(Some(text.clone())),
                    Some(_) => Err(AssertionRefusal::Unreadable(name)),
                };
                let subject = text("sub")?.unwrap_or_default();
                return Ok(AdmittedAssertion { identity, subject, token_id: text("jti")?, until });
            }
        }
    }
    Err(closest.1)
}

/// Until when a token serves, its issuer's clock being off included (RFC 7523 §3, items 4 to 6).
fn lives_until(claims: &Map<String, Value>, now: Timestamp) -> Result<Timestamp, AssertionRefusal> {
    let end = seconds(claims, "exp")?.ok_or(AssertionRefusal::Unreadable("exp"))?;
    let latest = now.seconds().saturating_add(SKEW_SECONDS);
    if end.saturating_add(SKEW_SECONDS) <= now.seconds() {
        return Err(AssertionRefusal::Expired);
    }
    if end > latest.saturating_add(LONGEST_LIFE_SECONDS) {
        return Err(AssertionRefusal::TooLong);
    }
    for name in ["nbf", "iat"] {
        if seconds(claims, name)?.is_some_and(|from| from > latest) {
            return Err(AssertionRefusal::NotYet(name));
        }
    }
    Ok(Timestamp::from_seconds(end.saturating_add(SKEW_SECONDS)))
}

/// A NumericDate in whole seconds (RFC 7519 §2).
fn seconds(claims: &Map<String, Value>, name: &'static str) -> Result<Option<i64>, AssertionRefusal> {
    let Some(value) = claims.get(name) else { return Ok(None) };
    let number = value.as_number().map(ToString::to_string).unwrap_or_default();
    let whole = number.split_once('.').map_or(number.as_str(), |(whole, _)| whole);
    whole.parse().map(Some).map_err(|_| AssertionRefusal::Unreadable(name))
}

/// Why a token of an issuer opens nothing. As text it is for whoever has shown it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AssertionRefusal {
    /// It is no signed token, or one of its claims is missing or cannot be read.
    Unreadable(&'static str),
    /// No account of that id takes tokens of its issuer. Whether there is such an account is not said.
    Untrusted,
    /// It is not signed by its issuer, as far as that can be seen here, or not in a way that is accepted.
    NotVerified(String),
    /// Its issuer's keys cannot be had; why, is for administrators.
    NoKeys(String),
    /// It says something else than what is trusted.
    Differs {
        /// In which claim.
        claim: String,
        /// What it says there.
        shown: Option<String>,
    },
    /// It is over.
    Expired,
    /// By that claim it does not serve yet.
    NotYet(&'static str),
    /// It serves for longer than a token of a job does.
    TooLong,
    /// It was used before.
    Used,
    /// It is right, and the account may not be used now or from there: because of that.
    NotNow(&'static str),
}

impl AssertionRefusal {
    /// The stable name, in records.
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Unreadable(_) => "token unreadable",
            Self::Untrusted => "issuer",
            Self::NotVerified(_) => "signature",
            Self::NoKeys(_) => "issuer's keys",
            Self::Differs { .. } => "claim",
            Self::Expired => "token expired",
            Self::NotYet(_) => "token not yet valid",
            Self::TooLong => "token serves too long",
            Self::Used => "token used before",
            Self::NotNow(why) => why,
        }
    }
}

impl AssertionRefusal {
    /// For records: what exactly was wrong. Of what was not verified nothing is in it.
    pub fn detail(&self) -> String {
        match self {
            Self::NoKeys(why) => why.clone(),
            other => other.to_string(),
        }
    }
}

impl fmt::Display for AssertionRefusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unreadable("") => f.write_str("client_assertion is not a signed JWT"),
            Self::Unreadable(claim) => write!(f, "the token's {claim} is missing or invalid"),
            Self::Untrusted => f.write_str("no service account with this client id trusts the token's issuer (iss)"),
            Self::NotVerified(why) => f.write_str(why),
            Self::NoKeys(_) => f.write_str(
                "the keys of the token's issuer cannot be fetched right now: try again later; the audit log has the reason",
            ),
            Self::Differs { claim, shown: Some(shown) } => {
                write!(f, "the token's {claim} does not match what this service account trusts: it is \"{shown}\"")
            }
            Self::Differs { claim, shown: None } => {
                write!(f, "the token has no {claim}, which this service account requires")
            }
            Self::Expired => f.write_str("the token has expired (exp)"),
            Self::NotYet(claim) => write!(f, "the token is not valid yet ({claim}): check the clocks"),
            Self::TooLong => f.write_str("the token is valid for more than 24 hours (exp), which is not accepted"),
            Self::Used => f.write_str("the token has already been used (jti): request a new one"),
            Self::NotNow(_) => f.write_str("this service account cannot be used now or from this address"),
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const NOW: i64 = 1_900_000_000;

    fn trusted() -> FederatedIdentity {
        FederatedIdentity {
            issuer: "https://token.actions.githubusercontent.com".to_owned(),
            audience: "https://vault.example.com".to_owned(),
            subject: "repo:acme/site:environment:production".to_owned(),
            claims: BTreeMap::from([("repository_id".to_owned(), "74".to_owned())]),
        }
    }

    fn token() -> Value {
        json!({
            "iss": "https://token.actions.githubusercontent.com",
            "aud": "https://vault.example.com",
            "sub": "repo:acme/site:environment:production",
            "repository_id": "74",
            "jti": "a5b6",
            "iat": NOW,
            "nbf": NOW - 300,
            "exp": NOW + 300,
        })
    }

    fn admit(trusted: &[FederatedIdentity], token: &Value) -> Result<AdmittedAssertion, AssertionRefusal> {
        let Value::Object(claims) = token else { panic!("{token} is no object") };
        admit_assertion(trusted, claims, Timestamp::from_seconds(NOW))
    }

    #[test]
    fn a_token_is_taken_that_says_all_of_it() {
        let taken = admit(&[trusted()], &token()).unwrap();
        let wanted = AdmittedAssertion {
            identity: 0,
            subject: "repo:acme/site:environment:production".to_owned(),
            token_id: Some("a5b6".to_owned()),
            until: Timestamp::from_seconds(NOW + 360),
        };
        assert_eq!(taken, wanted);
        for (claim, value) in [
            ("aud", json!(["https://vault.example.com"])),
            ("repository_id", json!(74)),
            ("exp", json!(f64::from(1_900_000_300_i32) + 0.5)),
            ("exp", json!(NOW - 59)),
            ("exp", json!(NOW + 86_460)),
            ("iat", json!(NOW + 60)),
            ("more", json!({"of": "anything"})),
        ] {
            let mut token = token();
            token[claim] = value;
            assert!(admit(&[trusted()], &token).is_ok(), "{token}");
        }
        for claim in ["jti", "iat", "nbf"] {
            let mut token = token();
            token.as_object_mut().unwrap().remove(claim);
            assert!(admit(&[trusted()], &token).is_ok(), "without {claim}");
        }
    }

    #[test]
    fn promise_6_a_token_that_says_anything_else_is_refused_and_says_where() {
        let sub = "repo:acme/site:environment:production";
        let table: [(&str, Value, &str); 31] = [
            ("iss", json!("https://token.actions.githubusercontent.com/"), "trusts the token's issuer (iss)"),
            ("iss", json!("https://gitlab.com"), "trusts the token's issuer (iss)"),
            ("iss", Value::Null, "trusts the token's issuer (iss)"),
            ("aud", json!("https://github.com/acme"), "the token's aud does not match"),
            ("aud", json!("https://vault.example.com/"), "the token's aud does not match"),
            ("aud", json!(["https://vault.example.com", "https://other.example"]), "the token's aud does not match"),
            ("aud", json!([]), "the token's aud does not match"),
            ("aud", json!(7), "the token's aud does not match"),
            ("sub", json!("repo:acme/site:environment:test"), "it is \"repo:acme/site:environment:test\""),
            ("sub", json!(format!("{sub}2")), "the token's sub does not match"),
            ("sub", json!(format!(" {sub}")), "the token's sub does not match"),
            ("sub", json!(sub.to_uppercase()), "the token's sub does not match"),
            ("sub", json!(""), "the token's sub does not match"),
            ("sub", json!([sub]), "the token's sub does not match"),
            ("repository_id", json!("75"), "the token's repository_id does not match"),
            ("repository_id", json!("74 "), "the token's repository_id does not match"),
            ("repository_id", json!(["74"]), "the token's repository_id does not match"),
            ("repository_id", Value::Null, "the token's repository_id does not match"),
            ("exp", json!(NOW - 60), "has expired"),
            ("exp", json!(0), "has expired"),
            ("exp", json!(-1), "has expired"),
            ("exp", json!(NOW + 86_461), "more than 24 hours"),
            ("exp", json!(i64::MAX), "more than 24 hours"),
            ("exp", json!("soon"), "exp is missing or invalid"),
            ("exp", json!(1e300), "exp is missing or invalid"),
            ("nbf", json!(NOW + 61), "not valid yet (nbf)"),
            ("nbf", json!("now"), "nbf is missing or invalid"),
            ("iat", json!(NOW + 61), "not valid yet (iat)"),
            ("iat", json!(i64::MAX), "not valid yet (iat)"),
            ("jti", json!(7), "jti is missing or invalid"),
            ("jti", json!(""), "jti is missing or invalid"),
        ];
        for (claim, value, words) in table {
            let mut token = token();
            token[claim] = value;
            let refused = admit(&[trusted()], &token).unwrap_err().to_string();
            assert!(refused.contains(words), "{words}: {refused}");
        }
        for claim in ["iss", "aud", "sub", "repository_id", "exp"] {
            let mut token = token();
            token.as_object_mut().unwrap().remove(claim);
            assert!(admit(&[trusted()], &token).is_err(), "without {claim}");
        }
        assert_eq!(admit(&[], &token()), Err(AssertionRefusal::Untrusted));
    }

    #[test]
    fn of_several_the_one_is_spoken_of_that_it_comes_closest_to() {
        let other = FederatedIdentity { audience: "other".to_owned(), ..trusted() };
        let elsewhere = FederatedIdentity { issuer: "https://gitlab.com".to_owned(), ..trusted() };
        assert_eq!(admit(&[elsewhere.clone(), other.clone(), trusted()], &token()).unwrap().identity, 2);
        let mut token = token();
        token["sub"] = json!("repo:acme/site:ref:refs/heads/x");
        let refused = admit(&[other, trusted(), elsewhere], &token).unwrap_err();
        assert!(refused.to_string().contains("the token's sub does not match"), "{refused}");
        token["sub"] = json!(format!("a\n{}", "b".repeat(500)));
        let AssertionRefusal::Differs { shown, .. } = admit(&[trusted()], &token).unwrap_err() else { panic!() };
        assert_eq!(shown.map(|text| text.len()), Some(200));
    }

    #[test]
    fn a_subject_may_end_with_one_star_after_a_whole_name() {
        let table = [
            ("repo:acme/site:environment:production", true),
            ("  repo:acme/site:ref:refs/heads/main ", true),
            ("repo:acme/site:*", true),
            ("repo:acme/site:ref:refs/tags/v*", true),
            ("repo:acme/*", true),
            ("project_path:acme/site:ref_type:tag:*", true),
            ("org/7a/project/*", true),
            ("system:serviceaccount:shop:*", true),
            ("system:serviceaccount:*", false),
            ("system:serviceaccount:sh*", false),
            ("environment:production:*", false),
            ("ref:refs/heads/*", false),
            ("workflow:deploy:*", false),
            ("repo: /*", false),
            ("4711", true),
            ("*", false),
            ("", false),
            (" ", false),
            ("repo:*", false),
            ("repo:acme*", false),
            ("repo:/*", false),
            ("::*", false),
            (":acme/*", false),
            ("repo:*/site", false),
            ("repo:acme/**", false),
            ("repo:acme/*:*", false),
            ("repo:acme/\u{0}", false),
        ];
        for (text, taken) in table {
            assert_eq!(subject(text).is_ok(), taken, "{text}: {:?}", subject(text));
        }
        let tags = FederatedIdentity { subject: "repo:acme/site:ref:refs/tags/v*".to_owned(), ..trusted() };
        for (subject, taken) in [
            ("repo:acme/site:ref:refs/tags/v1.0", true),
            ("repo:acme/site:ref:refs/tags/v", true),
            ("repo:acme/site:ref:refs/tags/", false),
            ("repo:acme/site-2:ref:refs/tags/v1", false),
            ("x:repo:acme/site:ref:refs/tags/v1", false),
        ] {
            assert_eq!(tags.takes_subject(subject), taken, "{subject}");
        }
    }

    #[test]
    fn what_is_wrong_with_one_is_said_at_its_field() {
        assert_eq!(trusted().checked().unwrap(), trusted());
        let with = |name: &str, value: &str| BTreeMap::from([(name.to_owned(), value.to_owned())]);
        type Change = Box<dyn Fn(&mut FederatedIdentity)>;
        let table: [(&str, Change); 12] = [
            ("issuer", Box::new(|it| it.issuer = "http://gitlab.com".to_owned())),
            ("issuer", Box::new(|it| it.issuer = "https://gitlab.com?a=b".to_owned())),
            ("issuer", Box::new(|it| it.issuer = String::new())),
            ("audience", Box::new(|it| it.audience = " ".to_owned())),
            ("subject", Box::new(|it| it.subject = "*".to_owned())),
            ("claims", Box::new(move |it| it.claims = with("", "x"))),
            ("claims", Box::new(move |it| it.claims = with("ref", ""))),
            ("claims", Box::new(move |it| it.claims = with("ref", "refs/tags/*"))),
            ("claims", Box::new(move |it| it.claims = with("sub", "x"))),
            ("claims", Box::new(move |it| it.claims = with("exp", "x"))),
            ("claims", Box::new(move |it| it.claims = with("a\nb", "x"))),
            ("claims", Box::new(|it| it.claims = (0..11).map(|n| (format!("c{n}"), "x".to_owned())).collect())),
        ];
        for (field, change) in table {
            let mut changed = trusted();
            change(&mut changed);
            assert_eq!(changed.clone().checked().unwrap_err().field, field, "{changed:?}");
        }
        let loopback = FederatedIdentity { issuer: "http://127.0.0.1:9000".to_owned(), ..trusted() };
        assert!(loopback.checked().is_ok());
    }
}
