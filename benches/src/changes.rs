//! Changes of passwords at the practice site, against a bare script that knows every address and field.

use std::{
    fs,
    net::IpAddr,
    path::Path,
    sync::Arc,
    time::{Duration, Instant},
};

use anyhow::Context as _;
use countersign_browser::{
    Browser, BrowserIdentity, Context, ContextLimits, ContextOptions, Error as PageError, Key, LaunchOptions, Page,
};
use countersign_model::{
    Actor, ChangeKind, ChangeState, Clock, CredentialName, FakeClock, Notes, SiteAddress, SiteSettings, Timestamp,
    UserName, Username,
};
use countersign_practice::{Config, NewUser, PageName, Practice, TimeSource, Truth};
use countersign_recipe::{SiteKnowledge, recognise};
use countersign_seal::{Secret, SystemChance, passphrase::Cost};
use countersign_snapshot::{ElementRef, PageSnapshot};
use countersign_store::engine::{Database, DatabaseUrl, OpenOptions};
use countersign_vault::{ChangeRequest, CredentialRef, NewCredential, SeedRequest, Unlock, Vault, VaultOptions};
use countersign_worker::{AllowPrivate, Worker, WorkerOptions};

use crate::scenes::line;

const SEED: &str = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3P";
const OLD: &str = "Old-Password-1x-PnrV-7kd";
/// What the script types for it, as long as one that is made.
const NEW: &str = "Neu-Password-2x-PnrV-7kd";
const BEGIN: i64 = 1_800_000_000;
const TIMES: u32 = 5;
/// The script looks again when it hears something of its page, or after so long.
const NEWS: Duration = Duration::from_millis(50);
const AT_ONCE: u32 = 4;

struct Machine;

impl Clock for Machine {
    #[expect(clippy::disallowed_methods, reason = "a browser lives in real time")]
    fn now(&self) -> Timestamp {
        let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap_or_default();
        Timestamp::from_micros(i64::try_from(since.as_micros()).unwrap_or(i64::MAX))
    }
}

pub(crate) async fn all() -> anyhow::Result<Vec<String>> {
    let mut lines = vec![recognition()?];
    let site = Site::new().await?;
    let worker = site.worker(AT_ONCE as usize);
    // The first starts Chromium.
    site.changes(&site.members(1).await?).await?;
    let one = one_by_one(&site).await?;
    let before = chromium_memory()?;
    let members = site.members(AT_ONCE).await?;
    let (four, most) = tokio::join!(site.changes(&members), most_memory(Duration::from_secs(3)));
    let (four_first, most) = (four?, most?);
    site.sign_out(&members);
    let four_learnt = site.changes(&members).await?;
    worker.stop().await;
    let one_changes_memory = (most - before).max(0.0) / f64::from(AT_ONCE);
    let whole = one.learnt.as_secs_f64();
    lines.push(line(
        "a change with its proof, waiting for tokens apart",
        &format!("{whole:.2} s"),
        "≤ 5 s",
        whole <= 5.0,
    ));
    lines.extend(against_bare(&one));
    for (name, four, one) in
        [("four changes at once on two cores", four_learnt, one.learnt), ("… the first ones", four_first, one.first)]
    {
        let ratio = four.as_secs_f64() / one.as_secs_f64();
        let text = format!("{:.2} s = {ratio:.2} × one", four.as_secs_f64());
        lines.push(line(name, &text, "≤ 2.0 ×", ratio <= 2.0));
    }
    let text = format!("{one_changes_memory:.0} MiB");
    lines.push(line("memory of Chromium a concurrent change", &text, "≤ 200 MiB", one_changes_memory <= 200.0));
    for (name, warm) in [("a new context with its first tab", true), ("… where none was kept for whoever comes", false)]
    {
        let millis = contexts(warm).await?.as_secs_f64() * 1_000.0;
        lines.push(line(name, &format!("{millis:.0} ms"), "≤ 60 ms", millis <= 60.0));
    }
    Ok(lines)
}

/// How long one change takes, at the mean.
struct One {
    /// Nothing is known of the site.
    first: Duration,
    /// The same account again, some time later: its sign-in has ended, as sites have it after hours or days.
    learnt: Duration,
    /// The same account again at once, while its sign-in still holds.
    signed_in: Duration,
    /// The bare script, in turn with them.
    bare: Duration,
}

async fn one_by_one(site: &Site) -> anyhow::Result<One> {
    let browser = Browser::launch(&LaunchOptions::default()).await?;
    let mut whole = [Duration::ZERO; 4];
    for _ in 0..TIMES {
        let members = site.members(1).await?;
        whole[0] += site.changes(&members).await?;
        site.sign_out(&members);
        whole[1] += site.changes(&members).await?;
        whole[2] += site.changes(&members).await?;
        whole[3] += site.bare(&browser).await?;
    }
    let [first, learnt, signed_in, bare] = whole.map(|whole| whole / TIMES);
    Ok(One { first, learnt, signed_in, bare })
}

/// The script signs in, changes, and signs in afresh, as a change does whose sign-in has ended.
fn against_bare(one: &One) -> Vec<String> {
    let bare = one.bare.as_secs_f64();
    let told = |name: &str, took: Duration, goal: &str, most: f64| {
        let took = took.as_secs_f64();
        let ratio = took / bare;
        line(name, &format!("{took:.2} s of {bare:.2} s = {ratio:.2} ×"), goal, ratio <= most)
    };
    vec![
        told("… against a bare script that does the same without looking", one.learnt, "≤ 1.3 ×", 1.3),
        told("… while the last sign-in still holds, which spares the first", one.signed_in, "≤ 1.3 ×", 1.3),
        told("… the first one at a site, which has to look for its pages", one.first, "", f64::INFINITY),
    ]
}

/// All recorded snapshots, read a few times.
fn recognition() -> anyhow::Result<String> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../crates/recipe/tests/page_snapshots");
    let mut snapshots = Vec::new();
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.extension().is_some_and(|kind| kind == "json") {
            let file: serde_json::Value = serde_json::from_slice(&fs::read(&path)?)?;
            let snapshot: PageSnapshot = serde_json::from_value(file["snapshot"].clone())?;
            snapshots.push((snapshot, file["site"].as_str().unwrap_or_default().to_owned()));
        }
    }
    let mut slowest = Duration::ZERO;
    let begun = Instant::now();
    for (snapshot, site) in &snapshots {
        let one = Instant::now();
        recognise(snapshot, &SiteKnowledge::at(site));
        slowest = slowest.max(one.elapsed());
    }
    let mean = begun.elapsed().as_secs_f64() * 1_000.0 / snapshots.len() as f64;
    let slowest = slowest.as_secs_f64() * 1_000.0;
    let text = format!("{mean:.2} ms, the slowest of {} {slowest:.1} ms", snapshots.len());
    Ok(line("recognising a picture", &text, "≤ 10 ms", slowest <= 10.0))
}

pub(crate) struct Site {
    pub(crate) vault: Vault,
    pub(crate) admin: Actor,
    practice: Practice,
    clock: Arc<FakeClock>,
    made: std::sync::atomic::AtomicU32,
    _folder: tempfile::TempDir,
}

impl Site {
    pub(crate) async fn new() -> anyhow::Result<Self> {
        let folder = tempfile::tempdir()?;
        let url = DatabaseUrl::Sqlite(folder.path().join("vault.db"));
        let database = Database::open(&url, &OpenOptions::default()).await?;
        let clock = Arc::new(FakeClock::at(Timestamp::from_seconds(BEGIN)));
        let unlock = Unlock::KeyFile(folder.path().join("vault.key"));
        let options = VaultOptions { sign_in_cost: Cost::TEST, second_factor_required: false };
        let by: Arc<FakeClock> = Arc::clone(&clock);
        let vault = Vault::open(database, &unlock, by, Arc::new(SystemChance), options).await?;
        let password = Secret::from("plum velvet anchor sixteen".to_owned());
        let admin = vault.create_administrator(&UserName::parse("root")?, password).await?;
        let config = Config { time: TimeSource::Fixed(BEGIN), ..Config::default() };
        let practice = countersign_practice::start(config).await?;
        // Time is moved for all changes at once, also while the token of another is on its way.
        practice.control().patch_hurdles(None, &serde_json::json!({"sign_in": {"guard": {"skew": 60}}}))?;
        Ok(Self { vault, admin, practice, clock, made: 0.into(), _folder: folder })
    }

    /// What the site puts in the way from now on.
    pub(crate) fn hurdles(&self, patch: &serde_json::Value) -> anyhow::Result<()> {
        self.practice.control().patch_hurdles(None, patch)?;
        Ok(())
    }

    fn worker(&self, slots: usize) -> Worker {
        self.worker_with(self.options(slots))
    }

    pub(crate) fn worker_with(&self, options: WorkerOptions) -> Worker {
        Worker::start(self.vault.clone(), options, "bench".to_owned())
    }

    pub(crate) fn options(&self, slots: usize) -> WorkerOptions {
        let (clock, control) = (Arc::clone(&self.clock), self.practice.control().clone());
        WorkerOptions {
            slots,
            allow_private: AllowPrivate(true),
            lease: Duration::from_secs(3_600),
            // Waiting for a token is not what is measured: time passes at once.
            pause: Arc::new(move |wait| {
                let seconds = wait.as_secs() + 1;
                clock.advance(Duration::from_secs(seconds));
                control.advance(i64::try_from(seconds).unwrap_or(0));
                Box::pin(std::future::ready(()))
            }),
            ..WorkerOptions::new(Arc::new(Machine))
        }
    }

    /// An account by its name, and its seed: one of its own, so that no change waits for what another has taken.
    fn account(&self) -> anyhow::Result<(String, String)> {
        let number = self.made.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
        let letter = |place: u32| char::from(b'A' + u8::try_from(number / place % 26).unwrap_or(0));
        let (name, seed) = (format!("user{number}"), format!("{SEED}{}{}", letter(26), letter(1)));
        self.practice.control().add_user(NewUser::new(&name, OLD, &seed))?;
        Ok((name, seed))
    }

    pub(crate) async fn credential(&self) -> anyhow::Result<CredentialRef> {
        Ok(self.member().await?.1)
    }

    /// An account of the site, and its credential.
    async fn member(&self) -> anyhow::Result<(String, CredentialRef)> {
        let (name, seed) = self.account()?;
        let seed = SeedRequest { text: Some(Secret::from(seed)), ..SeedRequest::default() };
        let new = NewCredential {
            name: CredentialName::parse(&name)?,
            username: Username::parse(&name)?,
            password: Some(Secret::from(OLD.to_owned())),
            site: Some(SiteAddress::parse(self.practice.url())?),
            seed: Some(seed.understand()?.secret),
            tags: Vec::new(),
            notes: Notes::parse("")?,
        };
        let wanted = CredentialRef::Id(self.vault.create_credential(&self.admin, new).await?.0.id);
        // More than anybody wishes, one after the other.
        let settings = SiteSettings { changes_per_day: 10, ..SiteSettings::default() };
        self.vault.set_automation(&self.admin, &wanted, settings).await?;
        Ok((name, wanted))
    }

    async fn members(&self, count: u32) -> anyhow::Result<Vec<(String, CredentialRef)>> {
        let mut members = Vec::new();
        for _ in 0..count {
            members.push(self.member().await?);
        }
        Ok(members)
    }

    /// The site ends their sign-ins; it still knows their browsers.
    fn sign_out(&self, members: &[(String, CredentialRef)]) {
        members.iter().for_each(|(name, _)| self.practice.control().sign_out(name));
    }

    /// The changes of all of them at once; how long until the last has ended.
    async fn changes(&self, members: &[(String, CredentialRef)]) -> anyhow::Result<Duration> {
        let begun = Instant::now();
        let mut ids = Vec::new();
        for (_, one) in members {
            let ask = ChangeRequest { kind: ChangeKind::Change, reason: None };
            ids.push(self.vault.ask_change(&self.admin, one, &ask).await?.id);
        }
        for id in ids {
            loop {
                let view = self.vault.change(&self.admin, id).await?;
                if view.state.is_end() {
                    let why = || view.reason.as_ref().map(ToString::to_string).unwrap_or_default();
                    anyhow::ensure!(
                        view.state == ChangeState::Changed,
                        "a change ended as {}: {}",
                        view.state.name(),
                        why()
                    );
                    break;
                }
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
        }
        Ok(begun.elapsed())
    }

    /// The same acts by a script that knows every address and field. In a context of its own it opens the sign-in page, types name
    /// and password, then a token; opens the page for the password, types the old one and twice the new one; and, in another
    /// context, signs in with the new one as before. Each form is sent by Enter, and the next act begins as soon as the answer is
    /// there. Contexts wait for it as they do for a change. It looks at nothing else and keeps nothing: no pictures, nothing of what
    /// the browser remembers, no record of what was done.
    async fn bare(&self, browser: &Browser) -> anyhow::Result<Duration> {
        let truth = self.practice.control().truth(None);
        let (name, _) = self.account()?;
        let ((_first, page), (_fresh, fresh)) = (context_and_page(browser).await?, context_and_page(browser).await?);
        let begun = Instant::now();
        let script = Script { site: self, truth: &truth, page };
        script.sign_in(&name, OLD).await?;
        script.change(OLD, NEW).await?;
        let proof = Script { site: self, truth: &truth, page: fresh };
        proof.sign_in(&name, NEW).await?;
        Ok(begun.elapsed())
    }
}

struct Script<'a> {
    site: &'a Site,
    truth: &'a Truth,
    page: Page,
}

impl Script<'_> {
    async fn sign_in(&self, name: &str, password: &str) -> anyhow::Result<()> {
        self.open("sign_in").await?;
        let fields = self.fields(PageName::SignIn, 2).await?;
        self.page.type_text(&fields[0], name).await?;
        self.page.type_text(&fields[1], password).await?;
        self.page.press(Key::Enter).await?;
        let fields = self.fields(PageName::Token, 1).await?;
        let token = self.site.practice.control().token(name).context("a token")?;
        self.page.type_text(&fields[0], &token).await?;
        self.page.press(Key::Enter).await?;
        self.gone(&fields[0]).await
    }

    async fn change(&self, old: &str, new: &str) -> anyhow::Result<()> {
        self.open("change").await?;
        let known = &self.truth.fields[&PageName::Change];
        let fields = self.fields(PageName::Change, known.len()).await?;
        for (index, field) in fields.iter().enumerate() {
            self.page.type_text(field, if index == 0 { old } else { new }).await?;
        }
        self.page.press(Key::Enter).await?;
        self.gone(&fields[0]).await
    }

    async fn open(&self, page: &str) -> anyhow::Result<()> {
        let path = if page == "change" { &self.truth.change_page } else { &self.truth.paths[page] };
        let address = format!("{}{path}", self.site.practice.url().trim_end_matches('/'));
        Ok(self.page.open(&address, Duration::from_secs(20)).await?)
    }

    /// The first fields that the page is known to have, once they are there.
    async fn fields(&self, page: PageName, count: usize) -> anyhow::Result<Vec<ElementRef>> {
        let names: Vec<&str> = self.truth.fields[&page].iter().take(count).map(|field| field.name.as_str()).collect();
        loop {
            let revision = self.page.revision();
            match self.page.snapshot().await {
                Ok(snapshot) => {
                    let frame = snapshot.main().context("a page")?;
                    let found: Vec<ElementRef> = names
                        .iter()
                        .filter_map(|name| frame.fields.iter().find(|field| field.words.html_name == *name))
                        .map(|field| frame.reference(field.node))
                        .collect();
                    if found.len() == names.len() {
                        return Ok(found);
                    }
                }
                Err(PageError::Stale) => {}
                Err(error) => return Err(error.into()),
            }
            self.page.changed(revision, NEWS).await?;
        }
    }

    /// Until the form was answered.
    async fn gone(&self, field: &ElementRef) -> anyhow::Result<()> {
        loop {
            let revision = self.page.revision();
            match self.page.snapshot().await {
                Ok(snapshot) if snapshot.main().is_some_and(|frame| frame.document == field.document) => {}
                Ok(_) => return Ok(()),
                Err(PageError::Stale) => {}
                Err(error) => return Err(error.into()),
            }
            self.page.changed(revision, NEWS).await?;
        }
    }
}

async fn context(browser: &Browser) -> anyhow::Result<Context> {
    let options = ContextOptions {
        identity: BrowserIdentity::new(browser.user_agent().to_owned()),
        limits: ContextLimits::default(),
        policy: Arc::new(|_: &str, _: IpAddr, _: u16| Ok(())),
        state: None,
        pinned: None,
    };
    Ok(browser.context(options).await?)
}

async fn context_and_page(browser: &Browser) -> anyhow::Result<(Context, Page)> {
    let context = context(browser).await?;
    let page = context.open_page().await?;
    Ok((context, page))
}

/// How long a new context with its first tab takes, at the median. `warm`: one is kept for whoever comes, and was made by then.
async fn contexts(warm: bool) -> anyhow::Result<Duration> {
    let browser = Browser::launch(&LaunchOptions::default()).await?;
    let mut took = Vec::new();
    for _ in 0..9 {
        if warm {
            browser.keep_warm().await?;
        }
        let begun = Instant::now();
        let made = context_and_page(&browser).await?;
        took.push(begun.elapsed());
        drop(made);
    }
    took.sort();
    Ok(took[took.len() / 2])
}

/// Memory that Chromium's processes started by this one have for themselves, in MiB.
fn chromium_memory() -> anyhow::Result<f64> {
    let mut parents = std::collections::BTreeMap::new();
    let mut sizes = std::collections::BTreeMap::new();
    for entry in fs::read_dir("/proc")?.flatten() {
        let Ok(id) = entry.file_name().to_string_lossy().parse::<u32>() else { continue };
        let Ok(stat) = fs::read_to_string(entry.path().join("stat")) else { continue };
        let Some((_, rest)) = stat.rsplit_once(") ") else { continue };
        let parent: u32 = rest.split(' ').nth(1).unwrap_or_default().parse().unwrap_or(0);
        parents.insert(id, parent);
        let rollup = fs::read_to_string(entry.path().join("smaps_rollup")).unwrap_or_default();
        let private: f64 = rollup
            .lines()
            .filter(|line| line.starts_with("Private_"))
            .filter_map(|line| line.split_whitespace().nth(1)?.parse::<f64>().ok())
            .sum();
        sizes.insert(id, private / 1024.0);
    }
    let me = std::process::id();
    let ours = |mut id: u32| loop {
        match parents.get(&id) {
            Some(parent) if *parent == me => return true,
            Some(parent) if *parent > 1 => id = *parent,
            _ => return false,
        }
    };
    Ok(sizes.iter().filter(|(id, _)| ours(**id)).map(|(_, size)| size).sum())
}

async fn most_memory(during: Duration) -> anyhow::Result<f64> {
    let begun = Instant::now();
    let mut most: f64 = 0.0;
    while begun.elapsed() < during {
        most = most.max(chromium_memory()?);
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    Ok(most)
}
