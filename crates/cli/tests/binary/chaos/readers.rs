//! Clients that read without end and write down what they were answered.

use std::{
    collections::HashMap,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

use parking_lot::{Mutex, RwLock};
use reqwest::{Client, RequestBuilder};
use serde_json::{Value, json};
use tokio::task::JoinHandle;

const READERS: usize = 4;
const PATH: &str = "/api/v1/credentials/name:Instagram";
/// Longer than the server waits for a database that says nothing.
const LONGEST_ANSWER: Duration = Duration::from_secs(60);

/// What the readers share.
#[derive(Default)]
struct Shared {
    /// Where the servers listen that are up at this moment.
    servers: RwLock<Vec<String>>,
    token: String,
    stop: AtomicBool,
    /// The reason of each answered read, which no other read gives, and what it is called in the log.
    answered: Mutex<Vec<(String, &'static str)>>,
    /// How many answers said that it cannot be now.
    put_off: AtomicUsize,
    /// What should not have been answered, however the storm blows.
    wrong: Mutex<Vec<String>>,
}

/// Some readers, at work from the beginning.
pub(crate) struct Readers {
    shared: Arc<Shared>,
    tasks: Vec<JoinHandle<()>>,
}

impl Readers {
    /// Readers of tokens and passwords with this API token; they wait while there is no server.
    pub(crate) fn start(token: &str) -> Self {
        let shared = Arc::new(Shared { token: token.to_owned(), ..Shared::default() });
        let tasks = (0..READERS).map(|reader| tokio::spawn(read_on(Arc::clone(&shared), reader))).collect();
        Self { shared, tasks }
    }

    /// Says where servers listen from now on.
    pub(crate) fn point_at(&self, servers: &[&str]) {
        *self.shared.servers.write() = servers.iter().map(|url| (*url).to_owned()).collect();
    }

    /// Waits until so many more reads were answered with what was asked for.
    pub(crate) async fn until_answered(&self, more: usize, during: &str) {
        let wanted = self.shared.answered.lock().len() + more;
        self.until(during, || self.shared.answered.lock().len() >= wanted).await;
    }

    /// Waits until an answer says that it cannot be now.
    pub(crate) async fn until_put_off(&self, during: &str) {
        let before = self.shared.put_off.load(Ordering::Relaxed);
        self.until(during, || self.shared.put_off.load(Ordering::Relaxed) > before).await;
    }

    async fn until(&self, during: &str, done: impl Fn() -> bool) {
        let begun = Instant::now();
        while !done() {
            assert!(begun.elapsed() < Duration::from_secs(120), "{during}: the reads do not get on: {}", self.state());
            let wrong = self.shared.wrong.lock().clone();
            assert!(wrong.is_empty(), "{during}: {wrong:#?}");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    fn state(&self) -> String {
        format!(
            "{} answered, {} put off, {:?} wrong, servers {:?}",
            self.shared.answered.lock().len(),
            self.shared.put_off.load(Ordering::Relaxed),
            self.shared.wrong.lock(),
            self.shared.servers.read()
        )
    }

    /// Ends them; gives what was answered, by its reason.
    pub(crate) async fn end(self) -> HashMap<String, &'static str> {
        self.shared.stop.store(true, Ordering::Relaxed);
        for task in self.tasks {
            task.await.unwrap();
        }
        let wrong = self.shared.wrong.lock();
        assert!(wrong.is_empty(), "{wrong:#?}");
        self.shared.answered.lock().drain(..).collect()
    }
}

async fn read_on(shared: Arc<Shared>, reader: usize) {
    // A connection for each read, so that a server that is gone is noticed by the next one.
    let client = Client::builder().pool_max_idle_per_host(0).timeout(LONGEST_ANSWER).build().unwrap();
    for n in 0.. {
        if shared.stop.load(Ordering::Relaxed) {
            return;
        }
        let server = {
            let servers = shared.servers.read();
            (!servers.is_empty()).then(|| servers[(reader + n) % servers.len()].clone())
        };
        let reason = format!("storm-{reader}-{n}-end");
        let read = match &server {
            Some(url) if n % 4 == 3 => {
                let body = json!({"reason": reason});
                one(client.post(format!("{url}{PATH}/reveal")).bearer_auth(&shared.token).json(&body), "password").await
            }
            Some(url) => {
                let body = json!({"reason": reason});
                one(client.post(format!("{url}{PATH}/token")).bearer_auth(&shared.token).json(&body), "token").await
            }
            None => Read::Lost,
        };
        match read {
            Read::Answered => {
                let act = if n % 4 == 3 { "password.revealed" } else { "token.read" };
                shared.answered.lock().push((reason, act));
            }
            Read::PutOff => {
                shared.put_off.fetch_add(1, Ordering::Relaxed);
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
            Read::Lost => tokio::time::sleep(Duration::from_millis(20)).await,
            Read::Wrong(what) => shared.wrong.lock().push(format!("{reason}: {what}")),
        }
    }
}

enum Read {
    /// With the secret, whole.
    Answered,
    /// 503, with when to try again.
    PutOff,
    /// Nobody there, or cut off.
    Lost,
    /// Anything else.
    Wrong(String),
}

async fn one(request: RequestBuilder, secret: &str) -> Read {
    let Ok(answer) = request.send().await else { return Read::Lost };
    let status = answer.status().as_u16();
    let says_when = answer.headers().contains_key("retry-after");
    let Ok(text) = answer.text().await else { return Read::Lost };
    let Ok(body) = serde_json::from_str::<Value>(&text) else { return Read::Wrong(format!("{status}: {text}")) };
    match status {
        200 if body[secret].is_string() => Read::Answered,
        503 if says_when && body.get(secret).is_none() => Read::PutOff,
        _ => Read::Wrong(format!("{status}: {text}")),
    }
}
