//! Carries acts out in a real browser.

use std::{
    net::IpAddr,
    sync::Arc,
    time::{Duration, Instant, SystemTime, UNIX_EPOCH},
};

use countersign_browser::{
    Browser, BrowserState, Context, ContextOptions, Error, Identity, Key, LaunchOptions, Limits, Page, Patience,
};
use countersign_picture::{ElementRef, PagePicture};
use countersign_recipe::{
    Act, Challenge, ChangeRun, ChangeTold, Entry, Fill, Into, Reason, SignInRun, SiteKnowledge, TrustWish, What,
    recognise,
};

use crate::record::Recorder;

/// Looks at a page that a walk parked on: where to type what, or, with an empty text, where to press.
pub(crate) type Person = Arc<dyn Fn(&PagePicture, Challenge) -> Option<(ElementRef, String)> + Send + Sync>;

/// How a drive ended.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Outcome {
    Changed,
    /// The new password does not sign in.
    NotProven(String),
    Parked(String, Challenge),
    GaveUp(String, Reason),
    Failed(String, String),
}

pub(crate) struct Driver {
    browser: Browser,
    pub(crate) log: Vec<String>,
    pub(crate) recorder: Recorder,
    used_steps: std::collections::BTreeSet<u64>,
    pub(crate) offset: i64,
    /// The site takes a token twice, so nothing has to be waited for.
    pub(crate) reuse: bool,
    /// Moves the site's clock, for sites that are ours: a new step of the token is not waited for then.
    pub(crate) advance: Option<Arc<dyn Fn(i64) + Send + Sync>>,
    /// Time spent waiting for a step of the token.
    pub(crate) token_wait: Duration,
    /// Acts in the page as a person would when the walk parks.
    pub(crate) person: Option<Person>,
}

struct Keys<'a> {
    user: &'a str,
    password: &'a str,
    new: &'a str,
    secret: &'a str,
}

enum Walk {
    In(Box<SignInRun>),
    Change(Box<ChangeRun>),
}

enum End {
    SignedIn,
    Submitted(ChangeTold),
    Parked(Challenge),
    GaveUp(Reason),
    /// The same, once the new password may have reached the site.
    GaveUpSent(Reason),
}

impl Driver {
    pub(crate) async fn start() -> Self {
        let browser = Browser::launch(&LaunchOptions::default()).await.unwrap();
        Self {
            browser,
            log: Vec::new(),
            recorder: Recorder::from_environment(),
            used_steps: Default::default(),
            offset: 0,
            reuse: false,
            advance: None,
            token_wait: Duration::ZERO,
            person: None,
        }
    }

    async fn context(&self, state: Option<BrowserState>) -> Context {
        let policy = |_: &str, address: IpAddr, _: u16| {
            if address.is_loopback() { Ok(()) } else { Err("only the loopback".to_owned()) }
        };
        let options = ContextOptions {
            identity: Identity::new(self.browser.user_agent().to_owned()),
            limits: Limits::default(),
            policy: Arc::new(policy),
            state,
        };
        self.browser.context(options).await.unwrap()
    }

    pub(crate) async fn change(
        &mut self,
        site: &SiteKnowledge,
        user: &str,
        password: &str,
        new: &str,
        secret: &str,
        trust: TrustWish,
    ) -> Outcome {
        self.log.clear();
        self.token_wait = Duration::ZERO;
        self.used_steps.clear();
        let keys = Keys { user, password, new, secret };
        let context = self.context(None).await;
        let page = context.open_page().await.unwrap();
        let run = SignInRun::new(site.clone(), !secret.is_empty(), trust);
        match self.walk(&context, &page, Walk::In(Box::new(run)), &keys, site).await {
            Ok(End::SignedIn) => {}
            other => return end("signing in", other),
        }
        let run = ChangeRun::new(site.clone(), !secret.is_empty(), trust);
        let told = match self.walk(&context, &page, Walk::Change(Box::new(run)), &keys, site).await {
            Ok(End::Submitted(told)) => Ok(told),
            // Whatever the page said of it: what holds is only known by trying.
            Ok(End::GaveUpSent(reason)) => Err(reason),
            other => return end("changing", other),
        };
        self.log.push(format!("told {told:?}"));
        let fresh = self.context(None).await;
        let page = fresh.open_page().await.unwrap();
        let keys = Keys { user, password: new, new, secret };
        let run = SignInRun::new(site.clone(), !secret.is_empty(), TrustWish::DoNot);
        match self.walk(&fresh, &page, Walk::In(Box::new(run)), &keys, site).await {
            Ok(End::SignedIn) => Outcome::Changed,
            Ok(End::GaveUp(Reason::WrongPassword)) => match told {
                Ok(told) => Outcome::NotProven(format!("{told:?}")),
                Err(reason) => Outcome::GaveUp("changing".into(), reason),
            },
            other => end("proving", other),
        }
    }

    async fn walk(
        &mut self,
        context: &Context,
        page: &Page,
        mut walk: Walk,
        keys: &Keys<'_>,
        site: &SiteKnowledge,
    ) -> Result<End, Error> {
        if let Walk::In(run) = &walk {
            page.open(run.first_address(), Duration::from_secs(20)).await?;
        }
        let mut acted = Instant::now();
        let begun = Instant::now();
        let patience = Patience::default();
        let mut parked_at = None;
        let mut page = page.clone();
        loop {
            if begun.elapsed() > Duration::from_secs(90) {
                return Ok(End::GaveUp(Reason::TimedOut));
            }
            // A page that opened another one to go on there.
            if page.ended().is_some()
                && let Some(newest) = context.pages().into_iter().next_back().filter(|one| one.id() != page.id())
            {
                page = newest;
            }
            let revision = page.revision();
            let picture = match page.settled_picture(&patience).await {
                // It moved on while it was looked at, again and again; the time for all is what ends that.
                Err(Error::Stale) => continue,
                other => other?,
            };
            let recognised = recognise(&picture, site);
            self.recorder.take(&picture, &recognised, site);
            let act = match &mut walk {
                Walk::In(run) => run.step(&picture, acted.elapsed()),
                Walk::Change(run) => run.step(&picture, acted.elapsed()),
            };
            let line = format!(
                "{:>5} ms {} {:?} {:.2} [{}] {}",
                begun.elapsed().as_millis(),
                path(&picture),
                recognised.kind,
                recognised.score,
                recognised.parts.iter().map(|part| format!("{:?}", part.role)).collect::<Vec<_>>().join(" "),
                short(&act)
            );
            if self
                .log
                .last()
                .is_none_or(|last| last.split_once(" ms ").map(|x| x.1) != line.split_once(" ms ").map(|x| x.1))
            {
                self.log.push(line);
            }
            let outcome = match act {
                Act::Wait => {
                    page.changed(revision, Duration::from_millis(300)).await?;
                    continue;
                }
                Act::SignedIn(_) => return Ok(End::SignedIn),
                Act::Submitted(told) => return Ok(End::Submitted(told)),
                Act::GiveUp(reason) => {
                    let sent = matches!(&walk, Walk::Change(run) if run.submitted());
                    return Ok(if sent { End::GaveUpSent(reason) } else { End::GaveUp(reason) });
                }
                Act::Park(challenge) => {
                    let help = self.person.as_ref().and_then(|person| person(&picture, challenge));
                    let since = *parked_at.get_or_insert_with(Instant::now);
                    if since.elapsed() > Duration::from_secs(6) {
                        return Ok(End::Parked(challenge));
                    }
                    match help {
                        Some((element, text)) if text.is_empty() => page.click(&element, Duration::from_secs(1)).await,
                        Some((element, text)) => {
                            let typed = page.type_text(&element, &text).await;
                            if typed.is_ok() { page.press(Key::Enter).await } else { typed }
                        }
                        None => return Ok(End::Parked(challenge)),
                    }
                }
                Act::Open { address } => page.open(&address, Duration::from_secs(20)).await,
                Act::Follow { element, address, .. } => {
                    match (page.click(&element, Duration::from_secs(2)).await, address) {
                        (Err(Error::NotUsable { .. } | Error::Covered { .. }), Some(address)) => {
                            page.open(&address, Duration::from_secs(20)).await
                        }
                        (other, _) => other,
                    }
                }
                Act::Dismiss { ways } => self.dismiss(&page, &ways).await,
                Act::PressEnter { element } => match page.focus(&element).await {
                    Ok(()) => page.press(Key::Enter).await,
                    Err(error) => Err(error),
                },
                Act::Answer { press, .. } => {
                    let chosen = match &press.tick {
                        Some(tick) => page.set_checked(tick, true, Duration::from_secs(2)).await,
                        None => Ok(()),
                    };
                    match chosen {
                        Ok(()) => page.click(&press.button, Duration::from_secs(4)).await,
                        not => not,
                    }
                }
                Act::Fill(fill) => self.fill(&page, &fill, keys).await,
            };
            acted = Instant::now();
            match outcome {
                Ok(()) => {}
                Err(error) if error.is_gone() => return Err(error),
                Err(error) => {
                    self.log.push(format!("      not carried out: {error}"));
                    match &mut walk {
                        Walk::In(run) => run.not_carried_out(),
                        Walk::Change(run) => run.not_carried_out(),
                    }
                }
            }
        }
    }

    async fn dismiss(&self, page: &Page, ways: &[ElementRef]) -> Result<(), Error> {
        let mut last = Ok(());
        for way in ways {
            last = page.click(way, Duration::from_millis(500)).await;
            if last.is_ok() {
                break;
            }
        }
        last
    }

    async fn fill(&mut self, page: &Page, fill: &Fill, keys: &Keys<'_>) -> Result<(), Error> {
        for entry in &fill.entries {
            let Entry { what, into, origin, .. } = entry;
            let token;
            let text = match what {
                What::Username => keys.user,
                What::Password => keys.password,
                What::NewPassword => keys.new,
                What::Token => {
                    token = self.token(keys.secret).await;
                    &token
                }
            };
            let origins = [origin.clone()];
            match (what, into) {
                (What::Username, Into::Line(line)) => page.type_text(line, text).await?,
                (_, Into::Line(line)) => page.type_secret(line, text.as_bytes(), &origins).await?,
                (_, Into::Boxes(boxes)) => page.type_into_boxes(boxes, text.as_bytes(), &origins).await?,
            }
        }
        for (element, tick) in &fill.ticks {
            page.set_checked(element, *tick, Duration::from_secs(2)).await?;
        }
        if !fill.send {
            return Ok(());
        }
        match (&fill.submit, fill.entries.last()) {
            (Some(button), _) => match page.click(button, Duration::from_secs(4)).await {
                // A form may have sent itself with the last key.
                Err(Error::Stale) => Ok(()),
                other => other,
            },
            (None, Some(Entry { into: Into::Boxes(_), .. })) => Ok(()),
            (None, Some(Entry { into: Into::Line(line), .. })) => match page.focus(line).await {
                Ok(()) => page.press(Key::Enter).await,
                Err(Error::Stale) => Ok(()),
                Err(error) => Err(error),
            },
            (None, None) => Ok(()),
        }
    }

    /// A token of a step that was not used, with some seconds of life.
    async fn token(&mut self, secret: &str) -> String {
        let begun = Instant::now();
        #[expect(clippy::disallowed_methods, reason = "a tool that meets real sites lives in real time")]
        let now = || SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs();
        loop {
            let at = now().saturating_add_signed(self.offset);
            if (self.reuse || !self.used_steps.contains(&(at / 30))) && at % 30 < 26 {
                self.used_steps.insert(at / 30);
                self.token_wait += begun.elapsed();
                return totp(secret, at);
            }
            if let Some(advance) = &self.advance {
                advance(5);
                self.offset += 5;
                continue;
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    }
}

fn totp(secret: &str, at: u64) -> String {
    let secret = totp_rs::Secret::try_from_base32(secret).unwrap();
    totp_rs::Builder::new().with_secret(secret).build_noncompliant().generate(at).to_string()
}

fn end(stage: &str, outcome: Result<End, Error>) -> Outcome {
    match outcome {
        Ok(End::Parked(challenge)) => Outcome::Parked(stage.into(), challenge),
        Ok(End::GaveUp(reason) | End::GaveUpSent(reason)) => Outcome::GaveUp(stage.into(), reason),
        Ok(End::SignedIn | End::Submitted(_)) => Outcome::Failed(stage.into(), "unexpected end".into()),
        Err(error) => Outcome::Failed(stage.into(), error.to_string()),
    }
}

fn path(picture: &PagePicture) -> String {
    let address = picture.main().map_or("", |main| main.address.as_str());
    let rest = address.split_once("://").map_or(address, |(_, rest)| rest);
    rest.find('/').map_or("", |at| &rest[at..]).to_owned()
}

fn short(act: &Act) -> String {
    match act {
        Act::Fill(fill) => {
            let what: Vec<_> = fill.entries.iter().map(|entry| format!("{:?}", entry.what)).collect();
            format!(
                "fill {} send {} button {} ticks {}",
                what.join("+"),
                fill.send,
                fill.submit.is_some(),
                fill.ticks.len()
            )
        }
        Act::Follow { name, .. } => format!("follow {name:?}"),
        Act::Answer { question, yes, .. } => format!("answer {question:?} {yes}"),
        Act::Dismiss { ways } => format!("dismiss ({} ways)", ways.len()),
        other => format!("{other:?}"),
    }
}
