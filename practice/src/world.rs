//! All that the site knows, in memory: accounts, browsers, visits, mails, and the log of what happened.

use crate::account::{NewUser, NewUserError, User};
use crate::clock::TimeSource;
use crate::dice::Dice;
use crate::hurdles::{Fault, FaultMethod, FaultWhen, Hurdles, HurdlesError, merge};
use crate::journal::{Event, EventName, Journal, Mail};
use crate::page_name::PageName;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use tokio::time::Instant;

/// The four origins of one practice site: scheme, host and port, without a slash at the end.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Origins {
    /// The site: `http://127.0.0.1:…`.
    pub site: String,
    /// The frame of the sign-in, another origin and another site: `http://localhost:…`.
    pub frame: String,
    /// The other origin that asks for passwords, on the same host: `http://127.0.0.1:…`.
    pub trap: String,
    /// The same listener under another host: `http://localhost:…`.
    pub trap_other_host: String,
    /// The control API, never visited by a browser under test: `http://127.0.0.1:…`.
    pub control: String,
}

#[derive(Debug)]
pub(crate) struct World {
    pub(crate) time: TimeSource,
    pub(crate) dice: Dice,
    pub(crate) hurdles: Hurdles,
    overrides: BTreeMap<String, Value>,
    pub(crate) users: BTreeMap<String, User>,
    pub(crate) visits: BTreeMap<String, Visit>,
    pub(crate) browsers: BTreeMap<String, Browser>,
    pub(crate) journal: Journal,
    pub(crate) origins: Origins,
    fault_uses: BTreeMap<String, u32>,
    /// The last ask whose connection ended without a byte, and when by a clock that only this is measured with.
    pub(crate) last_death: Option<(String, Instant)>,
    pub(crate) recent_posts: Vec<i64>,
}

/// One browser, by a cookie that outlives the session.
#[derive(Clone, Debug, Default)]
pub(crate) struct Browser {
    /// Who has signed in here before.
    pub(crate) known_to: BTreeSet<String>,
    /// Who trusts it, and under which number of trust.
    pub(crate) trusted_by: BTreeMap<String, u64>,
    /// A CAPTCHA was solved here.
    pub(crate) human: bool,
}

/// One session, signed in or not. Its id stays the same at the sign-in: the site keeps no secrets worth a fixation.
#[derive(Clone, Debug, Default)]
pub(crate) struct Visit {
    pub(crate) id: String,
    pub(crate) browser: String,
    pub(crate) csrf: String,
    pub(crate) agent: String,
    pub(crate) begun: i64,
    pub(crate) user: Option<String>,
    pub(crate) proved_at: Option<i64>,
    pub(crate) reauthed_at: Option<i64>,
    pub(crate) pending: Pending,
    pub(crate) return_to: Option<String>,
    pub(crate) flash: Option<Flash>,
    pub(crate) captcha: Option<Sum>,
    pub(crate) old_proved: bool,
    pub(crate) human_for_change: bool,
    pub(crate) candidate: Option<String>,
    /// The sign-in goes on in a window that closes itself.
    pub(crate) in_window: bool,
}

/// How far a sign-in has come.
#[derive(Clone, Debug, Default)]
pub(crate) struct Pending {
    pub(crate) name: Option<String>,
    pub(crate) password_right: bool,
    pub(crate) human: bool,
    pub(crate) located: bool,
    pub(crate) mail_code: Option<String>,
    pub(crate) mail_right: bool,
    pub(crate) token_right: bool,
    pub(crate) trust_answered: bool,
    pub(crate) method_chosen: bool,
}

/// A message for the next page.
#[derive(Clone, Debug)]
pub(crate) enum Flash {
    Message(String),
    Toast(String),
}

/// The sum in a picture.
#[derive(Clone, Debug)]
pub(crate) struct Sum {
    pub(crate) id: String,
    pub(crate) left: u64,
    pub(crate) right: u64,
}

impl World {
    pub(crate) fn new(time: TimeSource, seed: u64, hurdles: Hurdles) -> Self {
        Self {
            time,
            dice: Dice::new(seed),
            hurdles,
            overrides: BTreeMap::new(),
            users: BTreeMap::new(),
            visits: BTreeMap::new(),
            browsers: BTreeMap::new(),
            journal: Journal::default(),
            origins: Origins::default(),
            fault_uses: BTreeMap::new(),
            last_death: None,
            recent_posts: Vec::new(),
        }
    }

    /// The site's time in seconds since 1970-01-01 UTC.
    pub(crate) fn now(&self) -> i64 {
        self.time.now(self.hurdles.clock.offset_seconds)
    }

    pub(crate) fn add_user(&mut self, new: NewUser) -> Result<(), NewUserError> {
        let user = User::new(new)?;
        if self.users.contains_key(&user.name) {
            return Err(NewUserError::Taken(user.name));
        }
        self.users.insert(user.name.clone(), user);
        Ok(())
    }

    /// The account with this name or mail address.
    pub(crate) fn find_user(&mut self, login: &str) -> Option<&mut User> {
        self.users.values_mut().find(|user| user.name == login || user.mail.eq_ignore_ascii_case(login))
    }

    /// The right name of a user who is known whatever the case of the letters.
    pub(crate) fn name_in_any_case(&self, login: &str) -> Option<String> {
        self.users.keys().find(|name| name.eq_ignore_ascii_case(login)).cloned()
    }

    /// The hurdles for a user: the global ones with the user's own over them.
    pub(crate) fn hurdles_for(&self, user: Option<&str>) -> Hurdles {
        let own = user.and_then(|user| self.overrides.get(user));
        own.and_then(|own| self.hurdles.patched(own).ok()).unwrap_or_else(|| self.hurdles.clone())
    }

    /// Replaces the global hurdles; counted faults begin anew.
    pub(crate) fn set_hurdles(&mut self, hurdles: Hurdles) {
        self.hurdles = hurdles;
        self.fault_uses.clear();
        self.last_death = None;
        self.recent_posts.clear();
    }

    /// Merges a patch into the global hurdles or into those of one user; `null` for a user takes all of them away.
    pub(crate) fn patch_hurdles(&mut self, user: Option<&str>, patch: &Value) -> Result<Hurdles, HurdlesError> {
        let Some(user) = user else {
            let patched = self.hurdles.patched(patch)?;
            self.set_hurdles(patched.clone());
            return Ok(patched);
        };
        if patch.is_null() {
            self.overrides.remove(user);
            return Ok(self.hurdles.clone());
        }
        let mut own = self.overrides.get(user).cloned().unwrap_or_else(|| Value::Object(serde_json::Map::new()));
        merge(&mut own, patch);
        let whole = self.hurdles.patched(&own)?;
        self.overrides.insert(user.to_owned(), own);
        self.fault_uses.clear();
        self.last_death = None;
        Ok(whole)
    }

    /// The faults that strike this request, in the order of the list; counts those that strike only so often.
    pub(crate) fn strike(&mut self, hurdles: &Hurdles, page: PageName, post: bool, when: FaultWhen) -> Vec<Fault> {
        let mut struck = Vec::new();
        for fault in &hurdles.faults {
            let method = match fault.method {
                FaultMethod::Any => true,
                FaultMethod::Get => !post,
                FaultMethod::Post => post,
            };
            if fault.when != when || !method || (fault.page != page && fault.page != PageName::Any) {
                continue;
            }
            let uses = self.fault_uses.entry(format!("{fault:?}")).or_default();
            if fault.times.is_some_and(|times| *uses >= times) {
                continue;
            }
            *uses += 1;
            struck.push(fault.clone());
        }
        struck
    }

    /// Opens a visit, in the named browser when the site knows it.
    pub(crate) fn new_visit(&mut self, browser: Option<&str>, agent: &str) -> (String, String) {
        let (id, csrf) = (self.dice.word(24), self.dice.word(20));
        let browser = match browser.filter(|browser| self.browsers.contains_key(*browser)) {
            Some(browser) => browser.to_owned(),
            None => self.dice.word(24),
        };
        self.browsers.entry(browser.clone()).or_default();
        let visit = Visit {
            id: id.clone(),
            browser: browser.clone(),
            csrf,
            agent: agent.chars().take(200).collect(),
            begun: self.now(),
            ..Visit::default()
        };
        self.visits.insert(id.clone(), visit);
        (id, browser)
    }

    pub(crate) fn note(&mut self, user: Option<&str>, name: EventName, detail: impl Into<String>) {
        let at = self.now();
        self.journal.note(Event { at, user: user.map(str::to_owned), name, detail: detail.into() });
    }

    pub(crate) fn send_mail(&mut self, user: &str, subject: &str, code: Option<String>) {
        let at = self.now();
        let to = self.users.get(user).map(|user| user.mail.clone()).unwrap_or_default();
        self.journal.mails.push(Mail { at, user: user.to_owned(), to, subject: subject.to_owned(), code });
    }

    /// Ends sessions of a user: all, or all but one.
    pub(crate) fn end_visits(&mut self, user: &str, but: Option<&str>) {
        for visit in self.visits.values_mut() {
            if visit.user.as_deref() == Some(user) && Some(visit.id.as_str()) != but {
                *visit = Visit {
                    id: visit.id.clone(),
                    browser: visit.browser.clone(),
                    csrf: visit.csrf.clone(),
                    agent: visit.agent.clone(),
                    begun: visit.begun,
                    ..Visit::default()
                };
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::World;
    use crate::clock::TimeSource;
    use crate::hurdles::{FaultWhen, Hurdles, Language};
    use crate::page_name::PageName;
    use serde_json::{Value, json};

    fn world(hurdles: &Value) -> World {
        World::new(TimeSource::Fixed(1_700_000_000), 1, Hurdles::default().patched(hurdles).unwrap())
    }

    #[test]
    fn a_user_has_own_hurdles_over_the_global_ones() {
        let mut world = world(&json!({"look": {"language": "fr"}}));
        world.patch_hurdles(Some("bob"), &json!({"sign_in": {"boxes": true}})).unwrap();
        let bob = world.hurdles_for(Some("bob"));
        assert_eq!((bob.look.language, bob.sign_in.boxes), (Language::Fr, true));
        assert!(!world.hurdles_for(Some("alice")).sign_in.boxes);
        assert!(world.patch_hurdles(Some("bob"), &json!({"sign_in": {"box": true}})).is_err());
        assert!(world.hurdles_for(Some("bob")).sign_in.boxes, "a refused patch changes nothing");
        world.patch_hurdles(Some("bob"), &Value::Null).unwrap();
        assert!(!world.hurdles_for(Some("bob")).sign_in.boxes);
    }

    #[test]
    fn a_counted_fault_strikes_so_often_and_no_more() {
        let mut world = world(
            &json!({"faults": [{"page": "change", "method": "post", "when": "after", "act": "die", "times": 2}]}),
        );
        let hurdles = world.hurdles.clone();
        assert!(world.strike(&hurdles, PageName::Change, false, FaultWhen::After).is_empty());
        assert!(world.strike(&hurdles, PageName::Change, true, FaultWhen::Before).is_empty());
        assert!(world.strike(&hurdles, PageName::Token, true, FaultWhen::After).is_empty());
        let struck: Vec<usize> =
            (0..3).map(|_| world.strike(&hurdles, PageName::Change, true, FaultWhen::After).len()).collect();
        assert_eq!(struck, [1, 1, 0]);
    }
}
