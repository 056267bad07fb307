//! Sign-in with an OpenID Connect provider: what an administrator has said about it, what it says of somebody, and what follows.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt,
};

use serde::{Deserialize, Serialize};
use url::Url;

use crate::{GroupId, Invalid, Role, UserId, UserName, notice::is_this_machine, page_address};

/// The most groups that claims may be mapped to.
pub const MAX_GROUP_MAPPINGS: usize = 200;
/// The most values of a claim that are looked at; who has more is not let in, because what is left out would end access.
pub const MAX_CLAIM_VALUES: usize = 1_000;
const LONGEST_CLAIM_VALUE: usize = 200;
const LONGEST_NAME: usize = 40;
const LONGEST_TEXT: usize = 500;
/// The longest subject (OpenID Connect Core 1.0 §2).
const LONGEST_SUBJECT: usize = 255;

/// What an administrator has said about the provider. Its client secret is kept apart.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ProviderSettings {
    /// What the button says: *Sign in with* this.
    pub name: String,
    /// Who issues the tokens, to the letter as the provider writes it.
    pub issuer: String,
    /// As what this server is registered there.
    pub client_id: String,
    /// Where people find the page; the provider sends them back to a path below it.
    pub address: String,
    /// What is asked for beside `openid`.
    pub scopes: Vec<String>,
    /// How somebody whom an administrator has added is recognised at their first sign-in.
    pub match_by: MatchBy,
    /// As what somebody is added at their first sign-in whom nobody has added before; `None`: not at all.
    pub new_users: Option<Role>,
    /// Whether the provider has asked for a second factor, so that it is not asked for here.
    pub trusts_second_factor: bool,
    /// The claim that holds somebody's groups.
    pub groups_claim: Option<String>,
    /// Which of its values stands for which group.
    pub groups: Vec<GroupMapping>,
}

/// A value of the claim, and the group that it stands for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct GroupMapping {
    /// The value, to the letter.
    pub value: String,
    /// The group here.
    pub group: GroupId,
}

/// By which claim somebody is recognised at their first sign-in who was added to sign in with the provider.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MatchBy {
    /// By none.
    Nothing,
    /// By `preferred_username`.
    Username,
    /// By `email`, where the provider says that it is verified.
    Email,
}

impl MatchBy {
    /// Every way.
    pub const ALL: [Self; 3] = [Self::Nothing, Self::Username, Self::Email];

    /// The name in the API.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Nothing => "nothing",
            Self::Username => "username",
            Self::Email => "email",
        }
    }

    /// The way of that name.
    ///
    /// # Errors
    /// Says which there are.
    pub fn from_name(name: &str) -> Result<Self, Invalid> {
        let found = Self::ALL.into_iter().find(|it| it.name() == name);
        found.ok_or_else(|| Invalid::new("match_by", "is none of nothing, username and email"))
    }
}

impl ProviderSettings {
    /// Looks at each field, and takes blanks away.
    ///
    /// # Errors
    /// Names the field.
    pub fn checked(self) -> Result<Self, Invalid> {
        if self.new_users == Some(Role::Administrator) {
            return Err(Invalid::new("new_users", "cannot be administrator: make an administrator by hand"));
        }
        if self.scopes.len() > 20 {
            return Err(Invalid::new("scopes", "are too many: at most 20"));
        }
        if self.groups.len() > MAX_GROUP_MAPPINGS {
            return Err(Invalid::new("groups", format!("are too many: at most {MAX_GROUP_MAPPINGS}")));
        }
        let groups_claim = self.groups_claim.filter(|claim| !claim.trim().is_empty());
        if groups_claim.is_none() && !self.groups.is_empty() {
            return Err(Invalid::new("groups_claim", "is missing: say which claim holds the groups"));
        }
        let mapping = |it: GroupMapping| {
            Ok(GroupMapping { value: line("groups", &it.value, LONGEST_CLAIM_VALUE)?, group: it.group })
        };
        let mut scopes = self.scopes.iter().map(|scope| scope_token(scope)).collect::<Result<Vec<_>, _>>()?;
        scopes.retain(|scope| scope != "openid");
        Ok(Self {
            name: line("name", &self.name, LONGEST_NAME)?,
            issuer: issuer(&self.issuer)?,
            client_id: line("client_id", &self.client_id, LONGEST_TEXT)?,
            address: callback_base(&self.address)?,
            scopes,
            groups_claim: groups_claim.map(|claim| line("groups_claim", &claim, 100)).transpose()?,
            groups: self.groups.into_iter().map(mapping).collect::<Result<_, Invalid>>()?,
            ..self
        })
    }

    /// Where the provider sends people back to.
    pub fn callback(&self) -> String {
        format!("{}{CALLBACK_PATH}", self.address)
    }
}

/// The path, below the page's address, to which the provider sends people back.
pub const CALLBACK_PATH: &str = "/api/v1/sign-in/oidc/callback";

/// One line of text without blanks at its ends.
pub(crate) fn line(field: &'static str, text: &str, most: usize) -> Result<String, Invalid> {
    let text = text.trim();
    if text.is_empty() {
        return Err(Invalid::new(field, "is missing"));
    }
    if text.chars().count() > most {
        return Err(Invalid::new(field, format!("is too long: at most {most} characters")));
    }
    if text.chars().any(char::is_control) {
        return Err(Invalid::new(field, "holds a control character"));
    }
    Ok(text.to_owned())
}

/// RFC 6749 §3.3.
fn scope_token(text: &str) -> Result<String, Invalid> {
    let text = line("scopes", text, 100)?;
    let fits = text.bytes().all(|it| it.is_ascii_graphic() && it != b'"' && it != b'\\');
    if fits {
        Ok(text)
    } else {
        Err(Invalid::new("scopes", "holds what no scope holds: write words with blanks between"))
    }
}

/// OpenID Connect Discovery 1.0 §3: `https`, no query, no fragment. Plain HTTP is taken for this very machine alone.
///
/// # Errors
/// Says what is wrong with it.
pub fn issuer(text: &str) -> Result<String, Invalid> {
    let text = line("issuer", text, LONGEST_TEXT)?;
    let url = Url::parse(&text).ok().filter(|url| matches!(url.scheme(), "http" | "https"));
    let url = url.ok_or_else(|| Invalid::new("issuer", "is no URL: write https://login.example.com"))?;
    if url.query().is_some() || url.fragment().is_some() || !url.username().is_empty() || url.password().is_some() {
        return Err(Invalid::new("issuer", "holds more than scheme, host and path: copy it from the provider"));
    }
    if url.scheme() == "http" && !url.host().is_some_and(|host| is_this_machine(&host)) {
        return Err(Invalid::new("issuer", "is plain HTTP: who is between could let anybody in; use https://"));
    }
    // To the letter: tokens name it so.
    Ok(text)
}

fn callback_base(text: &str) -> Result<String, Invalid> {
    let address = page_address(&line("address", text, LONGEST_TEXT)?)?;
    let url = Url::parse(&address).ok();
    let plain = url.is_some_and(|url| url.scheme() == "http" && !url.host().is_some_and(|host| is_this_machine(&host)));
    if plain {
        return Err(Invalid::new("address", "is plain HTTP: what the provider sends back could be read; use https://"));
    }
    Ok(address)
}

/// What the provider has said of somebody, after its token was verified: what decides who they are here, and no more.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProviderClaims {
    /// Who says it.
    pub issuer: String,
    /// Whom they mean; unique and never given to somebody else, with the issuer.
    pub subject: String,
    /// What they call them. Not unique, and may change.
    pub username: Option<String>,
    /// Their e-mail address, where the provider has verified it.
    pub email: Option<String>,
    /// Those values of the claim that stand for a group here.
    pub groups: BTreeSet<String>,
}

impl ProviderClaims {
    /// Reads what decides from a verified token's claims.
    ///
    /// # Errors
    /// [`ProviderRefusal::WrongToken`] for a subject that is none, [`ProviderRefusal::TooManyGroups`].
    pub fn read(
        settings: &ProviderSettings,
        claims: &serde_json::Map<String, serde_json::Value>,
    ) -> Result<Self, ProviderRefusal> {
        let text = |name: &str| {
            let text = claims.get(name)?.as_str()?.trim();
            (!text.is_empty() && text.len() <= LONGEST_TEXT).then(|| text.to_owned())
        };
        let subject = claims.get("sub").and_then(serde_json::Value::as_str).unwrap_or_default();
        // As it is written: nothing of it is taken away or made small.
        let fits = !subject.is_empty() && subject.len() <= LONGEST_SUBJECT && !subject.chars().any(char::is_control);
        if !fits {
            return Err(ProviderRefusal::WrongToken);
        }
        let verified = claims.get("email_verified") == Some(&serde_json::Value::Bool(true));
        Ok(Self {
            issuer: settings.issuer.clone(),
            subject: subject.to_owned(),
            username: text("preferred_username"),
            email: text("email").filter(|_| verified),
            groups: mapped_values(settings, claims)?,
        })
    }
}

/// Those values of the groups' claim that stand for a group: a text, or a list of texts. What else is in it is passed over.
fn mapped_values(
    settings: &ProviderSettings,
    claims: &serde_json::Map<String, serde_json::Value>,
) -> Result<BTreeSet<String>, ProviderRefusal> {
    use serde_json::Value;
    let values: Vec<&str> = match settings.groups_claim.as_ref().and_then(|claim| claims.get(claim)) {
        Some(Value::String(text)) => vec![text],
        Some(Value::Array(list)) if list.len() > MAX_CLAIM_VALUES => return Err(ProviderRefusal::TooManyGroups),
        Some(Value::Array(list)) => list.iter().filter_map(Value::as_str).collect(),
        _ => Vec::new(),
    };
    let mapped: BTreeSet<&str> = settings.groups.iter().map(|mapping| mapping.value.as_str()).collect();
    Ok(values.into_iter().filter(|value| mapped.contains(value)).map(str::to_owned).collect())
}

/// Somebody in the vault, as far as it matters for who comes in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct KnownUser {
    /// Who.
    pub id: UserId,
    /// Whether they are kept out.
    pub disabled: bool,
    /// Whether they were added to sign in with the provider and never had another way in: no password, no second factor of
    /// their own, and nobody at the provider is them yet.
    pub awaited: bool,
}

/// Who comes in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Admission {
    /// Somebody who is connected with this very subject.
    Known(UserId),
    /// Somebody who was added to come this way, and comes for the first time: to be connected.
    Awaited(UserId),
    /// Somebody new, to be added.
    New {
        /// Under that name.
        name: UserName,
        /// As that.
        role: Role,
    },
}

/// The name under which somebody is looked for at their first sign-in, or added.
pub fn wanted_name<'a>(settings: &ProviderSettings, claims: &'a ProviderClaims) -> Option<&'a str> {
    match settings.match_by {
        MatchBy::Email => claims.email.as_deref(),
        MatchBy::Username => claims.username.as_deref(),
        MatchBy::Nothing => claims.username.as_deref().or(claims.email.as_deref()),
    }
}

/// Who somebody is whom the provider knows. `connected` has this issuer and subject, `named` the name of [`wanted_name`].
///
/// # Errors
/// Says why they do not come in.
pub fn admit(
    settings: &ProviderSettings,
    claims: &ProviderClaims,
    connected: Option<&KnownUser>,
    named: Option<&KnownUser>,
) -> Result<Admission, ProviderRefusal> {
    if let Some(user) = connected {
        return if user.disabled { Err(ProviderRefusal::Disabled) } else { Ok(Admission::Known(user.id)) };
    }
    let by_name = settings.match_by != MatchBy::Nothing;
    match (named, settings.new_users) {
        (Some(user), _) if by_name && user.awaited && user.disabled => Err(ProviderRefusal::Disabled),
        (Some(user), _) if by_name && user.awaited => Ok(Admission::Awaited(user.id)),
        // Whoever chooses a name at the provider must not become whoever has it here.
        (Some(_), _) => Err(ProviderRefusal::NameTaken),
        (None, None) => Err(ProviderRefusal::Unknown),
        (None, Some(role)) => {
            let name = wanted_name(settings, claims).and_then(|name| UserName::parse(name).ok());
            Ok(Admission::New { name: name.ok_or(ProviderRefusal::NoName)?, role })
        }
    }
}

/// Into and out of which groups the provider's word brings somebody.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct GroupChanges {
    /// Groups to come into.
    pub join: BTreeSet<GroupId>,
    /// Groups to be taken out of.
    pub leave: BTreeSet<GroupId>,
}

/// Compares what the provider says with where somebody is. `in_now` are the groups that they are directly in, and whether that came
/// from the provider: what somebody has put them into by hand, the provider takes nobody out of.
pub fn group_changes(
    settings: &ProviderSettings,
    values: &BTreeSet<String>,
    in_now: &BTreeMap<GroupId, bool>,
) -> GroupChanges {
    let wanted: BTreeSet<GroupId> =
        settings.groups.iter().filter(|it| values.contains(&it.value)).map(|it| it.group).collect();
    let came = in_now.iter().filter(|(_, by_provider)| **by_provider).map(|(group, _)| *group);
    GroupChanges {
        leave: came.filter(|group| !wanted.contains(group)).collect(),
        join: wanted.into_iter().filter(|group| !in_now.contains_key(group)).collect(),
    }
}

macro_rules! refusals {
    ($($(#[$doc:meta])* $name:ident = $code:literal, $text:literal;)*) => {
        /// Why somebody does not come in with the provider. As text it is for the person; the name is stable.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum ProviderRefusal { $($(#[$doc])* $name,)* }

        impl ProviderRefusal {
            /// Every one.
            pub const ALL: &'static [Self] = &[$(Self::$name),*];

            /// The stable name, in addresses of the page and in records.
            pub const fn name(self) -> &'static str {
                match self { $(Self::$name => $code,)* }
            }
        }

        impl fmt::Display for ProviderRefusal {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(match self { $(Self::$name => $text,)* })
            }
        }
    };
}

refusals! {
    /// No provider is set up.
    Off = "off", "sign-in with a provider is not set up here: use your password";
    /// Not begun in this browser, too long ago, or used before.
    NotBegun = "not_begun",
        "this sign-in was not begun in this browser, has taken more than ten minutes, or was used before: begin again";
    /// The provider says that the person declined, or that they may not.
    Declined = "declined", "the provider did not sign you in: you have cancelled, or it does not let you use Countersign";
    /// The provider answered with another error.
    ProviderError = "provider_error",
        "the provider answered with an error: try again, and if it stays, tell an administrator";
    /// The provider cannot be reached in time.
    Unreachable = "unreachable", "the provider cannot be reached: try again later, or sign in with your password";
    /// The provider's answer is not what an OpenID Connect provider answers.
    WrongAnswer = "wrong_answer",
        "the provider's answer cannot be used: tell an administrator, who can test the provider in the settings";
    /// The answer comes from another issuer than the one that was asked (RFC 9207).
    WrongIssuer = "wrong_issuer", "the answer does not come from the provider that you were sent to: begin again";
    /// The token is not one for this sign-in.
    WrongToken = "wrong_token",
        "the provider's token does not prove who you are: begin again, and if it stays, tell an administrator";
    /// The provider has not asked who they are anew.
    NotFresh = "not_fresh",
        "the provider did not ask you to sign in again: sign out there, or sign in to Countersign anew";
    /// The person is kept out.
    Disabled = "disabled", "your account here is disabled: ask an administrator";
    /// Nobody here is connected with them, and nobody is added by signing in.
    Unknown = "unknown", "you have no account here: ask an administrator to add you";
    /// Somebody has the name, and is not known to be them.
    NameTaken = "name_taken",
        "an account with your name exists and is not connected with the provider: sign in with your password and connect it in \
         your account, or ask an administrator";
    /// The provider gives no name that can serve.
    NoName = "no_name", "the provider gives no name that can be used here: ask an administrator to add you";
    /// More groups than are looked at.
    TooManyGroups = "too_many_groups",
        "the provider sends more groups than can be read: an administrator can have it send fewer";
    /// Somebody else at the provider than the one who is signed in here.
    SomebodyElse = "somebody_else", "you have signed in at the provider as somebody else: use the account that is connected with yours here";
    /// The account at the provider is connected with somebody else, or this person with another.
    ConnectedAlready = "connected_already", "this account of the provider is connected with another user, or yours is connected already";
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::CountingChance;

    fn settings() -> ProviderSettings {
        ProviderSettings {
            name: "Example".to_owned(),
            issuer: "https://login.example.com".to_owned(),
            client_id: "countersign".to_owned(),
            address: "https://vault.example.com".to_owned(),
            scopes: vec!["profile".to_owned()],
            match_by: MatchBy::Nothing,
            new_users: None,
            trusts_second_factor: false,
            groups_claim: Some("groups".to_owned()),
            groups: Vec::new(),
        }
    }

    fn claims(value: serde_json::Value) -> serde_json::Map<String, serde_json::Value> {
        let serde_json::Value::Object(claims) = value else { panic!("{value} is no object") };
        claims
    }

    fn read(settings: &ProviderSettings, value: serde_json::Value) -> Result<ProviderClaims, ProviderRefusal> {
        ProviderClaims::read(settings, &claims(value))
    }

    fn ids() -> (UserId, [GroupId; 3]) {
        let (chance, now) = (CountingChance::default(), crate::Timestamp::from_seconds(1));
        (UserId::new(now, &chance), [(); 3].map(|()| GroupId::new(now, &chance)))
    }

    #[test]
    fn settings_say_what_is_wrong_with_them() {
        type Change = fn(&mut ProviderSettings);
        let table: [(&str, Change); 15] = [
            ("name", |it| it.name = " ".to_owned()),
            ("name", |it| it.name = "n".repeat(41)),
            ("issuer", |it| it.issuer = "login.example.com".to_owned()),
            ("issuer", |it| it.issuer = "http://login.example.com".to_owned()),
            ("issuer", |it| it.issuer = "https://login.example.com?x=1".to_owned()),
            ("issuer", |it| it.issuer = "https://me:secret@login.example.com".to_owned()),
            ("issuer", |it| it.issuer = "https://login.example.com/#x".to_owned()),
            ("client_id", |it| it.client_id = "a\u{0}b".to_owned()),
            ("address", |it| it.address = "http://vault.example.com".to_owned()),
            ("address", |it| it.address = "vault".to_owned()),
            ("scopes", |it| it.scopes = vec!["a\"b".to_owned()]),
            ("scopes", |it| it.scopes = vec!["a b".to_owned()]),
            ("new_users", |it| it.new_users = Some(Role::Administrator)),
            ("groups_claim", |it| {
                it.groups_claim = Some(" ".to_owned());
                it.groups = vec![GroupMapping { value: "ops".to_owned(), group: ids().1[0] }];
            }),
            ("groups", |it| it.groups = vec![GroupMapping { value: String::new(), group: ids().1[0] }]),
        ];
        for (number, (field, change)) in table.into_iter().enumerate() {
            let mut changed = settings();
            change(&mut changed);
            assert_eq!(changed.checked().unwrap_err().field, field, "row {number}");
        }
        let local = ProviderSettings {
            issuer: "http://127.0.0.1:9000/realms/a".to_owned(),
            address: "http://localhost:7117/".to_owned(),
            scopes: vec!["openid".to_owned(), " email ".to_owned()],
            ..settings()
        };
        let local = local.checked().unwrap();
        assert_eq!(local.callback(), "http://localhost:7117/api/v1/sign-in/oidc/callback");
        assert_eq!(local.scopes, ["email"]);
        // To the letter, also a last stroke: some providers have one, and tokens name it so.
        let stroke = ProviderSettings { issuer: "https://login.example.com/".to_owned(), ..settings() };
        assert_eq!(stroke.checked().unwrap().issuer, "https://login.example.com/");
    }

    #[test]
    fn what_decides_is_read_from_claims_and_nothing_else() {
        let (_, [ops, ..]) = ids();
        let settings =
            ProviderSettings { groups: vec![GroupMapping { value: "ops".to_owned(), group: ops }], ..settings() };
        let table = [
            (json!({"sub": "1"}), None, None, 0),
            (json!({"sub": "1", "preferred_username": "ana", "email": "a@x"}), Some("ana"), None, 0),
            (json!({"sub": "1", "email": "a@x", "email_verified": true}), None, Some("a@x"), 0),
            (json!({"sub": "1", "email": "a@x", "email_verified": "true"}), None, None, 0),
            (json!({"sub": "1", "email": "a@x", "email_verified": false}), None, None, 0),
            (json!({"sub": "1", "groups": ["ops", "dev", 7, null]}), None, None, 1),
            (json!({"sub": "1", "groups": "ops"}), None, None, 1),
            (json!({"sub": "1", "groups": {"ops": true}}), None, None, 0),
            (json!({"sub": "1", "groups": ["OPS", " ops", "ops "]}), None, None, 0),
            (json!({"sub": "1", "preferred_username": ["ana"]}), None, None, 0),
        ];
        for (value, username, email, groups) in table {
            let read = read(&settings, value.clone()).unwrap();
            let found = (read.username.as_deref(), read.email.as_deref(), read.groups.len());
            assert_eq!(found, (username, email, groups), "{value}");
        }
        let wrong =
            [json!({}), json!({"sub": ""}), json!({"sub": 1}), json!({"sub": "a\nb"}), json!({"sub": "x".repeat(256)})];
        for value in wrong {
            assert_eq!(read(&settings, value).unwrap_err(), ProviderRefusal::WrongToken);
        }
        let many = json!({"sub": "1", "groups": vec!["x"; MAX_CLAIM_VALUES + 1]});
        assert_eq!(read(&settings, many).unwrap_err(), ProviderRefusal::TooManyGroups);
    }

    #[test]
    fn who_comes_in_is_decided_by_one_rule() {
        use ProviderRefusal::{Disabled, NameTaken, NoName, Unknown};
        let (id, _) = ids();
        let user = |disabled, awaited| Some(KnownUser { id, disabled, awaited });
        let (usual, off, awaited) = (user(false, false), user(true, false), user(false, true));
        let known = Ok(Admission::Known(id));
        let first = Ok(Admission::Awaited(id));
        let new = |name: &str, role| Ok(Admission::New { name: UserName::parse(name).unwrap(), role });
        let member = Some(Role::Member);
        let (nothing, by_name, by_email) = (MatchBy::Nothing, MatchBy::Username, MatchBy::Email);
        let table = [
            // Whoever is connected is who they are, whatever names say.
            (nothing, None, usual, None, known.clone()),
            (by_name, member, usual, awaited, known),
            (nothing, member, off, None, Err(Disabled)),
            // Nobody is: a name alone makes nobody somebody else.
            (nothing, None, None, None, Err(Unknown)),
            (nothing, None, None, awaited, Err(NameTaken)),
            (nothing, member, None, usual, Err(NameTaken)),
            (by_name, member, None, usual, Err(NameTaken)),
            (by_name, None, None, usual, Err(NameTaken)),
            (by_email, member, None, off, Err(NameTaken)),
            // But who was added for this.
            (by_name, None, None, awaited, first.clone()),
            (by_email, None, None, awaited, first),
            (by_name, None, None, user(true, true), Err(Disabled)),
            (by_name, None, None, None, Err(Unknown)),
            // New people.
            (nothing, member, None, None, new("ana", Role::Member)),
            (by_email, Some(Role::Auditor), None, None, new("ana@example.com", Role::Auditor)),
        ];
        let full = read(
            &settings(),
            json!({"sub": "1", "preferred_username": "ana", "email": "ana@example.com", "email_verified": true}),
        );
        let full = full.unwrap();
        for (number, (match_by, new_users, connected, named, answer)) in table.into_iter().enumerate() {
            let settings = ProviderSettings { match_by, new_users, ..settings() };
            assert_eq!(admit(&settings, &full, connected.as_ref(), named.as_ref()), answer, "row {number}");
        }
        let settings = ProviderSettings { new_users: member, ..settings() };
        for value in [json!({"sub": "1"}), json!({"sub": "1", "preferred_username": "a\u{7}b"})] {
            assert_eq!(admit(&settings, &read(&settings, value).unwrap(), None, None), Err(NoName));
        }
    }

    #[test]
    fn groups_follow_the_claim_where_they_are_mapped_and_nowhere_else() {
        let (_, [ops, dev, other]) = ids();
        let mapping = |value: &str, group| GroupMapping { value: value.to_owned(), group };
        let settings = ProviderSettings {
            groups: vec![mapping("ops", ops), mapping("admins", ops), mapping("dev", dev)],
            ..settings()
        };
        type Row<'a> = (&'a [&'a str], &'a [(GroupId, bool)], &'a [GroupId], &'a [GroupId]);
        let table: &[Row<'_>] = &[
            (&[], &[], &[], &[]),
            (&["ops"], &[], &[ops], &[]),
            (&["ops", "admins"], &[], &[ops], &[]),
            (&["ops"], &[(ops, true)], &[], &[]),
            (&["admins"], &[(ops, true)], &[], &[]),
            (&["dev"], &[(ops, true)], &[dev], &[ops]),
            // What was done by hand stays, whatever the provider says.
            (&[], &[(ops, false), (other, false)], &[], &[]),
            (&["ops"], &[(ops, false)], &[], &[]),
            // A mapping that is gone gives nothing.
            (&["ops"], &[(other, true)], &[ops], &[other]),
        ];
        for (number, (values, in_now, join, leave)) in table.iter().enumerate() {
            let values = values.iter().map(|value| (*value).to_owned()).collect();
            let changes = group_changes(&settings, &values, &in_now.iter().copied().collect());
            let expected =
                GroupChanges { join: join.iter().copied().collect(), leave: leave.iter().copied().collect() };
            assert_eq!(changes, expected, "row {number}");
        }
    }

    #[test]
    fn each_refusal_has_its_name_and_says_something() {
        let names: BTreeSet<_> = ProviderRefusal::ALL.iter().map(|it| it.name()).collect();
        assert_eq!(names.len(), ProviderRefusal::ALL.len());
        assert!(ProviderRefusal::ALL.iter().all(|it| it.to_string().len() > 20));
    }
}
