//! Sessions of people at the practice site, as a viewer's page sees them.

use std::{
    net::SocketAddr,
    sync::Arc,
    time::{Duration, Instant},
};

use anyhow::Context as _;
use countersign_model::{SessionId, SessionState};
use countersign_server::{AppState, Settings};
use countersign_snapshot::{Bounds, PageSnapshot};
use countersign_vault::{CredentialRef, NewApiToken, Recordings, SessionRequest};
use countersign_worker::WorkerOptions;
use futures_util::{SinkExt as _, StreamExt as _};
use parking_lot::Mutex;
use rustix::time::{ClockId, clock_gettime};
use serde_json::{Value, json};
use tokio_tungstenite::tungstenite::{Message, client::IntoClientRequest as _};

use crate::{changes::Site, scenes::line};

type Socket = tokio_tungstenite::WebSocketStream<tokio_tungstenite::MaybeTlsStream<tokio::net::TcpStream>>;

const CLICKS: usize = 60;
const SCROLL: Duration = Duration::from_secs(10);
/// A page that is loaded again moves by then.
const LOADED: Duration = Duration::from_secs(2);
const IDLE: usize = 20;
const IDLE_FOR: Duration = Duration::from_secs(20);
const USE: Duration = Duration::from_secs(60);
const PATIENCE: Duration = Duration::from_secs(60);

pub(crate) async fn all() -> anyhow::Result<Vec<String>> {
    let site = Site::new().await?;
    let recordings = tempfile::tempdir()?;
    site.vault.keep_recordings(Recordings::folder(recordings.path()));
    let last: Arc<Mutex<Option<PageSnapshot>>> = Arc::default();
    let keep = Arc::clone(&last);
    let options = WorkerOptions {
        sessions: IDLE + 5,
        at_page: Some(Arc::new(move |snapshot, _| *keep.lock() = Some(snapshot.clone()))),
        ..site.options(2)
    };
    let worker = site.worker_with(options);
    let settings = Settings { live: Some(Arc::clone(worker.hub())), ..Settings::plain() };
    let listening = Arc::new(tokio::sync::OnceCell::new());
    let tell = Arc::clone(&listening);
    let state = AppState::new(site.vault.clone(), settings);
    let server = tokio::spawn(async move {
        countersign_server::serve(state, "127.0.0.1:0", move |address| drop(tell.set(address)), std::future::pending())
            .await
    });
    while listening.get().is_none() {
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    let address = *listening.get().context("the server listens")?;
    let new = NewApiToken { name: "viewer".to_owned(), role: None, expires_in_days: None, admin: false };
    let (_, bearer) = site.vault.create_api_token(&site.admin, &new).await?;
    let bench = Bench { site, address, bearer: bearer.expose().to_owned() };

    let mut lines = Vec::new();
    let account = bench.site.credential().await?;
    let session = bench.start(&account).await?;
    let mut viewer = bench.join(session).await?;
    viewer.live().await?;
    viewer.say(&json!({"t": "size", "w": 1280, "h": 720, "dpr": 1})).await?;
    let field = field_of(last.lock().as_ref().context("a page was seen")?)?;
    lines.extend(clicks(&mut viewer, &field).await?);
    lines.extend(scrolling(&mut viewer).await?);
    lines.extend(moving(&bench, &mut viewer).await?);
    let before = recorded(&bench, session).await?;
    ordinary_use(&mut viewer, &field).await?;
    tokio::time::sleep(Duration::from_secs(6)).await;
    let a_minute = (recorded(&bench, session).await? - before) as f64 / 1e6 * 60.0 / USE.as_secs_f64();
    let text = format!("{a_minute:.2} MB");
    lines.push(line("recording of a minute of ordinary use", &text, "≤ 1.5 MB", a_minute <= 1.5));
    viewer.say(&json!({"t": "end"})).await?;
    drop(viewer);
    lines.push(idle(&bench).await?);
    worker.stop().await;
    server.abort();
    Ok(lines)
}

struct Bench {
    site: Site,
    address: SocketAddr,
    bearer: String,
}

struct Viewer {
    socket: Socket,
}

enum Heard {
    Told(Value),
    Frame,
}

impl Bench {
    async fn start(&self, wanted: &CredentialRef) -> anyhow::Result<SessionId> {
        Ok(self.site.vault.start_session(&self.site.admin, wanted, &SessionRequest { reason: None }).await?.id)
    }

    async fn join(&self, id: SessionId) -> anyhow::Result<Viewer> {
        let mut request = format!("ws://{}/api/v1/sessions/{id}/live", self.address).into_client_request()?;
        request.headers_mut().insert("authorization", format!("Bearer {}", self.bearer).parse()?);
        let (socket, _) = tokio_tungstenite::connect_async(request).await?;
        Ok(Viewer { socket })
    }
}

impl Viewer {
    async fn say(&mut self, message: &Value) -> anyhow::Result<()> {
        Ok(self.socket.send(Message::text(message.to_string())).await?)
    }

    /// What comes next; a frame is acknowledged as if it were drawn.
    async fn next(&mut self) -> anyhow::Result<Heard> {
        loop {
            let message = tokio::time::timeout(PATIENCE, self.socket.next()).await?.context("the socket ended")??;
            match message {
                Message::Text(text) => return Ok(Heard::Told(serde_json::from_str(&text)?)),
                Message::Binary(frame) => {
                    let sequence = u32::from_le_bytes(frame[4..8].try_into()?);
                    self.say(&json!({"t": "seen", "seq": sequence})).await?;
                    return Ok(Heard::Frame);
                }
                Message::Close(frame) => anyhow::bail!("the socket was closed: {frame:?}"),
                _ => {}
            }
        }
    }

    async fn live(&mut self) -> anyhow::Result<()> {
        loop {
            if let Heard::Told(told) = self.next().await?
                && told["t"] == "phase"
            {
                match told["phase"].as_str() {
                    Some("live") => return Ok(()),
                    Some("ended" | "waiting") => anyhow::bail!("the session is {told}"),
                    _ => {}
                }
            }
        }
    }

    async fn frame(&mut self) -> anyhow::Result<()> {
        while !matches!(self.next().await?, Heard::Frame) {}
        Ok(())
    }

    /// Until nothing has come for a while.
    async fn rest(&mut self) -> anyhow::Result<()> {
        while let Ok(heard) = tokio::time::timeout(Duration::from_millis(250), self.next()).await {
            heard?;
        }
        Ok(())
    }

    async fn click(&mut self, x: f64, y: f64) -> anyhow::Result<()> {
        for act in ["down", "up"] {
            self.say(&json!({"t": act, "x": x, "y": y, "button": 0, "clicks": 1, "mods": 0})).await?;
        }
        Ok(())
    }
}

/// Where one writes a post.
fn field_of(snapshot: &PageSnapshot) -> anyhow::Result<Bounds> {
    let frame = snapshot.main().context("a main frame")?;
    let field = frame.fields.iter().find(|field| field.words.name().contains("mind")).context("a field for a post")?;
    Ok(field.place)
}

fn middle(place: &Bounds) -> (f64, f64) {
    (f64::from(place.x) + f64::from(place.w) / 2.0, f64::from(place.y) + f64::from(place.h) / 2.0)
}

/// In turn into the field and beside it: its frame changes each time.
async fn clicks(viewer: &mut Viewer, field: &Bounds) -> anyhow::Result<Vec<String>> {
    let (x, y) = middle(field);
    let mut waits = Vec::with_capacity(CLICKS);
    for count in 0..CLICKS {
        viewer.rest().await?;
        let begun = Instant::now();
        if count % 2 == 0 {
            viewer.click(x, y).await?;
        } else {
            viewer.click(20.0, 500.0).await?;
        }
        viewer.frame().await?;
        waits.push(begun.elapsed().as_secs_f64() * 1_000.0);
    }
    waits.sort_by(f64::total_cmp);
    let (half, most) = (waits[CLICKS / 2], waits[CLICKS * 99 / 100]);
    Ok(vec![
        line("click to the changed frame at the viewer, p50", &format!("{half:.0} ms"), "≤ 20 ms", half <= 20.0),
        line("… p99", &format!("{most:.0} ms"), "≤ 40 ms", most <= 40.0),
    ])
}

/// Turns the wheel, more often than a screen shows pictures, for as long as that: the feed moves with each of them.
async fn scrolling(viewer: &mut Viewer) -> anyhow::Result<Vec<String>> {
    let mut turn = tokio::time::interval(Duration::from_millis(8));
    let (mut down, mut turned) = (true, Instant::now());
    let counted = Counted::begin();
    let mut frames = 0;
    while counted.begun.elapsed() < SCROLL {
        tokio::select! {
            _ = turn.tick() => {
                if turned.elapsed() > Duration::from_secs(2) {
                    (down, turned) = (!down, Instant::now());
                }
                let dy = if down { 8 } else { -8 };
                viewer.say(&json!({"t": "wheel", "x": 640, "y": 500, "dx": 0, "dy": dy, "mods": 0})).await?;
            }
            heard = viewer.next() => {
                if matches!(heard?, Heard::Frame) {
                    frames += 1;
                }
            }
        }
    }
    Ok(counted.lines("the feed scrolling", frames))
}

/// A page on which something moves over the whole window, and nobody does anything.
async fn moving(bench: &Bench, viewer: &mut Viewer) -> anyhow::Result<Vec<String>> {
    let moving = |on: bool| bench.site.hurdles(&json!({"look": {"noise": {"moving": on}}}));
    moving(true)?;
    viewer.say(&json!({"t": "go", "act": "reload"})).await?;
    let loaded = Instant::now();
    while loaded.elapsed() < LOADED {
        viewer.next().await?;
    }
    let counted = Counted::begin();
    let mut frames = 0;
    while counted.begun.elapsed() < SCROLL {
        if matches!(viewer.next().await?, Heard::Frame) {
            frames += 1;
        }
    }
    let lines = counted.lines("a page that moves by itself", frames);
    moving(false)?;
    viewer.say(&json!({"t": "go", "act": "reload"})).await?;
    viewer.rest().await?;
    Ok(lines)
}

/// What this process has worked since.
struct Counted {
    begun: Instant,
    worked: Duration,
}

impl Counted {
    fn begin() -> Self {
        Self { begun: Instant::now(), worked: processor() }
    }

    fn lines(&self, what: &str, frames: u32) -> Vec<String> {
        let seconds = self.begun.elapsed().as_secs_f64();
        let rate = f64::from(frames) / seconds;
        let share = (processor() - self.worked).as_secs_f64() / seconds * 100.0;
        let (name, text) = (format!("frames a second at the viewer, {what}"), format!("{rate:.1}"));
        let ours = format!("{share:.1} % of a core, {:.2} ms a frame", share * 10.0 / rate.max(1.0));
        vec![
            // A picture more or less at either end is none that was left out.
            line(&name, &text, "60", rate >= 59.0),
            line("… our own process meanwhile, the viewer in it", &ours, "≤ 5 %", share <= 5.0),
        ]
    }
}

/// Reading, scrolling a little, writing, resting: what a minute holds.
async fn ordinary_use(viewer: &mut Viewer, field: &Bounds) -> anyhow::Result<()> {
    let begun = Instant::now();
    let (x, y) = middle(field);
    let mut turn = 0_u32;
    while begun.elapsed() < USE {
        match turn % 12 {
            0 => viewer.click(x, y).await?,
            1..=3 => {
                for letter in "a few words ".chars() {
                    viewer.say(&json!({"t": "text", "text": letter.to_string()})).await?;
                    tokio::time::sleep(Duration::from_millis(60)).await;
                }
            }
            4 => viewer.click(20.0, 500.0).await?,
            5 | 9 => {
                let dy = if turn % 12 == 5 { 120 } else { -120 };
                for _ in 0..4 {
                    let wheel = json!({"t": "wheel", "x": 640, "y": 500, "dx": 0, "dy": dy, "mods": 0});
                    viewer.say(&wheel).await?;
                    tokio::time::sleep(Duration::from_millis(80)).await;
                }
            }
            _ => {}
        }
        turn += 1;
        let rest = tokio::time::Instant::now() + Duration::from_secs(1);
        while let Ok(heard) = tokio::time::timeout_at(rest, viewer.next()).await {
            heard?;
        }
    }
    Ok(())
}

async fn recorded(bench: &Bench, id: SessionId) -> anyhow::Result<u64> {
    Ok(bench.site.vault.recording(&bench.site.admin, id).await?.bytes)
}

async fn idle(bench: &Bench) -> anyhow::Result<String> {
    let mut sessions = Vec::with_capacity(IDLE);
    for _ in 0..IDLE {
        let account = bench.site.credential().await?;
        let id = bench.start(&account).await?;
        let begun = Instant::now();
        while bench.site.vault.session(&bench.site.admin, id).await?.state != SessionState::Live {
            anyhow::ensure!(begun.elapsed() < PATIENCE, "a session does not begin");
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        sessions.push(id);
    }
    tokio::time::sleep(Duration::from_secs(5)).await;
    let worked = processor();
    tokio::time::sleep(IDLE_FOR).await;
    let share = (processor() - worked).as_secs_f64() / IDLE_FOR.as_secs_f64() * 100.0;
    for id in sessions {
        bench.site.vault.end_session(&bench.site.admin, id).await?;
    }
    Ok(line("our own process with 20 idle sessions", &format!("{share:.2} % of a core"), "≤ 1 %", share <= 1.0))
}

/// What this process has used of the processor.
fn processor() -> Duration {
    let time = clock_gettime(ClockId::ProcessCPUTime);
    Duration::new(time.tv_sec.try_into().unwrap_or(0), time.tv_nsec.try_into().unwrap_or(0))
}
