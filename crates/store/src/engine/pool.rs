//! Connections to PostgreSQL, lent one by one. Every wait has an end: for a connection, for the beginning of one, for
//! each answer.
//!
//! A connection goes back only when the server has answered everything that was asked on it. One that was left in the
//! middle is settled beside, and one that did not answer is dropped: a dead network must not keep a place.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use sqlx::Connection as _;
use sqlx::postgres::{PgConnectOptions, PgConnection};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::error::Elapsed;
use tokio::time::{Instant, sleep, timeout, timeout_at};

use super::error::Error;

// A connection that was used just now is alive; one that slept for longer is asked before use.
const FRESH: Duration = Duration::from_secs(5);
// The server keeps plans and memory for a connection, so none lives for ever.
const MAX_AGE: Duration = Duration::from_secs(30 * 60);
const MAX_PING: Duration = Duration::from_secs(2);
const RECONNECT: Duration = Duration::from_millis(100);

pub(super) struct Pool {
    permits: Arc<Semaphore>,
    size: u32,
    // As many as there are permits, but for those that were dropped.
    idle: Mutex<Vec<Idle>>,
    connect: PgConnectOptions,
    /// How long to wait for a connection in all.
    wait: Duration,
    /// How long to wait for each answer.
    answer: Duration,
}

struct Idle {
    raw: PgConnection,
    opened_at: Instant,
    used_at: Instant,
}

/// A connection in use.
pub(super) struct PooledConnection {
    pool: Arc<Pool>,
    permit: Option<OwnedSemaphorePermit>,
    raw: Option<PgConnection>,
    opened_at: Instant,
    reused: bool,
    state: State,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    /// All is answered, and no transaction is open.
    Settled,
    /// The answer to a select by itself is awaited.
    Asked,
    /// A transaction is open.
    Open,
    /// It does not answer.
    Dead,
}

impl Pool {
    pub(super) fn new(connect: PgConnectOptions, size: u32, wait: Duration, answer: Duration) -> Arc<Self> {
        let size = size.max(1);
        let permits = Arc::new(Semaphore::new(size as usize));
        Arc::new(Self { permits, size, idle: Mutex::default(), connect, wait, answer })
    }

    fn idle(&self) -> MutexGuard<'_, Vec<Idle>> {
        // Pushing and popping cannot leave the list half-done.
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Lends a connection on which `begin` was answered: `begin` is tried again on another while only connections from
    /// before a restart of the server fail. Nothing was done by it, so nothing is done twice.
    pub(super) async fn begin(self: &Arc<Self>, sql: &'static str) -> Result<PooledConnection, Error> {
        let deadline = Instant::now() + self.wait;
        loop {
            let mut lent = self.lend(deadline).await?;
            lent.state = State::Open;
            let asked = timeout(self.answer, sqlx::raw_sql(sql).execute(lent.raw(sql)?)).await;
            match lent.judge(sql, self.answer, asked) {
                Err(Error::Unavailable { .. }) if lent.is_stale() => self.forget_idle(),
                result => return result.map(|_| lent),
            }
        }
    }

    /// Lends a connection for a select by itself. Where it turns out to be stale, another may be asked.
    pub(super) async fn lend_for_select(self: &Arc<Self>) -> Result<PooledConnection, Error> {
        let mut lent = self.lend(Instant::now() + self.wait).await?;
        lent.state = State::Asked;
        Ok(lent)
    }

    async fn lend(self: &Arc<Self>, deadline: Instant) -> Result<PooledConnection, Error> {
        let permit = match timeout_at(deadline, Arc::clone(&self.permits).acquire_owned()).await {
            Ok(Ok(permit)) => permit,
            Ok(Err(_)) => return Err(Error::Unavailable { detail: "the database was closed".to_owned() }),
            Err(_) => return Err(Error::Busy { detail: "no free connection in time".to_owned() }),
        };
        let now = Instant::now();
        let lent = |raw, opened_at, reused| PooledConnection {
            pool: Arc::clone(self),
            permit: Some(permit),
            raw: Some(raw),
            opened_at,
            reused,
            state: State::Settled,
        };
        loop {
            // Taken out first: the list is not to be locked while the server is asked.
            let idle = self.idle().pop();
            let Some(mut idle) = idle else { break };
            let alive = now.saturating_duration_since(idle.used_at) < FRESH
                || matches!(timeout(MAX_PING, idle.raw.ping()).await, Ok(Ok(())));
            if alive {
                return Ok(lent(idle.raw, idle.opened_at, true));
            }
        }
        let raw = self.connect(deadline).await?;
        Ok(lent(raw, now, false))
    }

    /// A new connection; a server that is just starting is waited for.
    async fn connect(&self, deadline: Instant) -> Result<PgConnection, Error> {
        loop {
            let error = match timeout_at(deadline, PgConnection::connect_with(&self.connect)).await {
                Ok(Ok(raw)) => return Ok(raw),
                Ok(Err(error)) => Error::from_sqlx("connecting", &error),
                Err(_) => return Err(silent("connecting", self.wait)),
            };
            if !matches!(error, Error::Unavailable { .. }) || Instant::now() + RECONNECT >= deadline {
                return Err(error);
            }
            sleep(RECONNECT).await;
        }
    }

    /// Drops what is idle: it is from before a restart of the server too.
    pub(super) fn forget_idle(&self) {
        self.idle().clear();
    }

    fn give_back(&self, raw: PgConnection, opened_at: Instant, permit: OwnedSemaphorePermit) {
        let used_at = Instant::now();
        if !self.permits.is_closed() && used_at.saturating_duration_since(opened_at) < MAX_AGE {
            self.idle().push(Idle { raw, opened_at, used_at });
        }
        // After the connection, so that who gets the permit finds it.
        drop(permit);
    }

    /// Waits for what is running, as long as for a connection, then closes.
    pub(super) async fn close(&self) {
        let _ = timeout(self.wait, self.permits.acquire_many(self.size)).await;
        self.permits.close();
        let idle = std::mem::take(&mut *self.idle());
        for idle in idle {
            let _ = timeout(MAX_PING, idle.raw.close()).await;
        }
    }
}

impl PooledConnection {
    /// How long to wait for each answer.
    pub(super) fn answer(&self) -> Duration {
        self.pool.answer
    }

    /// The connection itself, to ask something on it.
    pub(super) fn raw(&mut self, name: &'static str) -> Result<&mut PgConnection, Error> {
        let alive = self.state != State::Dead;
        let lost = || Error::Unavailable { detail: format!("{name}: the connection was lost") };
        self.raw.as_mut().filter(|_| alive).ok_or_else(lost)
    }

    /// Learns from how an answer came, or did not come within `limit`.
    pub(super) fn judge<T>(
        &mut self,
        name: &'static str,
        limit: Duration,
        asked: Result<Result<T, sqlx::Error>, Elapsed>,
    ) -> Result<T, Error> {
        match asked {
            Ok(Ok(value)) => Ok(value),
            Ok(Err(error)) => {
                let broken = !matches!(error, sqlx::Error::Database(_));
                let error = Error::from_sqlx(name, &error);
                if broken && matches!(error, Error::Unavailable { .. }) || is_parting(&error) {
                    self.state = State::Dead;
                }
                Err(error)
            }
            Err(_) => {
                self.state = State::Dead;
                // A silent server is silent for everybody: trying again would only double the wait.
                self.reused = false;
                Err(silent(name, limit))
            }
        }
    }

    /// Whether it failed because it was from before the server's end.
    pub(super) fn is_stale(&self) -> bool {
        self.reused && self.state == State::Dead
    }

    /// All is answered, and no transaction is open.
    pub(super) fn settle(&mut self) {
        if self.state != State::Dead {
            self.state = State::Settled;
        }
    }
}

impl Drop for PooledConnection {
    fn drop(&mut self) {
        let (Some(mut raw), Some(permit)) = (self.raw.take(), self.permit.take()) else { return };
        let (pool, opened_at) = (Arc::clone(&self.pool), self.opened_at);
        match self.state {
            State::Settled => pool.give_back(raw, opened_at, permit),
            State::Dead => {}
            state => {
                let Ok(runtime) = tokio::runtime::Handle::try_current() else { return };
                drop(runtime.spawn(async move {
                    let settle = async {
                        match state {
                            State::Open => sqlx::raw_sql("rollback").execute(&mut raw).await.map(drop),
                            _ => raw.ping().await,
                        }
                    };
                    if matches!(timeout(pool.answer, settle).await, Ok(Ok(()))) {
                        pool.give_back(raw, opened_at, permit);
                    }
                }));
            }
        }
    }
}

fn silent(name: &'static str, limit: Duration) -> Error {
    Error::Unavailable { detail: format!("{name}: no answer within {limit:?}") }
}

/// Whether the server said that it ends this connection (SQLSTATE 57P01 to 57P05).
fn is_parting(error: &Error) -> bool {
    matches!(error, Error::Unavailable { detail } if detail.contains("SQLSTATE 57P"))
}
