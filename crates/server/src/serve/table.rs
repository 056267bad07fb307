//! Who is connected, and whom the server waits for. Pure: times come in, and a connection is closed by what it brings.

use std::{
    collections::HashMap,
    net::{IpAddr, Ipv6Addr},
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, AtomicU64, Ordering::Relaxed},
    },
};

use tokio::time::Instant;

use super::limits::ConnectionLimits;

/// What can be closed from outside.
pub(super) trait Close: Send + Sync {
    /// Ends it in both directions; whoever reads or writes it notices.
    fn close(&self);
}

/// What a connection is about. Of all but the last two the client has to go on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Phase {
    /// A request's head is awaited: nothing of it, or a part, has arrived.
    Head = 0,
    /// An answer was given and nothing has arrived since.
    Idle = 1,
    /// More of a body is awaited.
    Body = 2,
    /// The request is worked on.
    Working = 3,
    /// It is a WebSocket.
    Upgraded = 4,
}

impl Phase {
    const ALL: [Self; 5] = [Self::Head, Self::Idle, Self::Body, Self::Working, Self::Upgraded];
}

/// One connection. Its state is read by others and written by its own task alone.
pub(super) struct Connection<S> {
    socket: S,
    /// The phase in the lowest three bits, above them when it began, in milliseconds since `epoch`.
    phase: AtomicU64,
    /// Since when the client takes no more of an answer, one more than milliseconds since `epoch`; 0 when it does.
    blocked: AtomicU64,
    body_began: AtomicU64,
    body_bytes: AtomicU64,
    closing: AtomicBool,
    epoch: Instant,
}

impl<S: Close> Connection<S> {
    fn new(socket: S, epoch: Instant, now: Instant) -> Self {
        let connection = Self {
            socket,
            phase: AtomicU64::new(0),
            blocked: AtomicU64::new(0),
            body_began: AtomicU64::new(0),
            body_bytes: AtomicU64::new(0),
            closing: AtomicBool::new(false),
            epoch,
        };
        connection.enter(Phase::Head, now);
        connection
    }

    /// What is read from and written to.
    pub(super) const fn socket(&self) -> &S {
        &self.socket
    }

    fn millis(&self, now: Instant) -> u64 {
        u64::try_from(now.saturating_duration_since(self.epoch).as_millis()).unwrap_or(u64::MAX >> 3)
    }

    /// Begins a phase.
    pub(super) fn enter(&self, phase: Phase, now: Instant) {
        self.phase.store(self.millis(now) << 3 | phase as u64, Relaxed);
    }

    /// The phase it is in.
    pub(super) fn phase(&self) -> Phase {
        self.phase_since().0
    }

    fn phase_since(&self) -> (Phase, u64) {
        let packed = self.phase.load(Relaxed);
        let phase = Phase::ALL.get(usize::try_from(packed & 7).unwrap_or(0)).copied().unwrap_or(Phase::Working);
        (phase, packed >> 3)
    }

    /// Bytes have arrived.
    pub(super) fn received(&self, now: Instant) {
        if self.phase() == Phase::Idle {
            self.enter(Phase::Head, now);
        }
    }

    /// A request's head is complete.
    pub(super) fn begin_request(&self, now: Instant) {
        self.body_began.store(self.millis(now), Relaxed);
        self.body_bytes.store(0, Relaxed);
        self.enter(Phase::Working, now);
    }

    /// More of a body is awaited.
    pub(super) fn await_body(&self, now: Instant) {
        if self.phase() != Phase::Body {
            self.enter(Phase::Body, now);
        }
    }

    /// A piece of a body is there.
    pub(super) fn took_body(&self, bytes: u64, now: Instant) {
        self.body_bytes.fetch_add(bytes, Relaxed);
        self.enter(Phase::Working, now);
    }

    /// The answer is handed over.
    pub(super) fn end_request(&self, now: Instant) {
        if self.phase() != Phase::Upgraded {
            self.enter(Phase::Idle, now);
        }
    }

    /// The client takes nothing at the moment.
    pub(super) fn block(&self, now: Instant) {
        if self.blocked.load(Relaxed) == 0 {
            self.blocked.store(self.millis(now) + 1, Relaxed);
        }
    }

    /// The client has taken something.
    pub(super) fn unblock(&self) {
        if self.blocked.load(Relaxed) != 0 {
            self.blocked.store(0, Relaxed);
        }
    }

    /// Since when the client keeps the server waiting; `None` when it does not.
    fn waited_for_since(&self) -> Option<u64> {
        match (self.blocked.load(Relaxed), self.phase_since()) {
            (0, (Phase::Working | Phase::Upgraded, _)) => None,
            (0, (_, since)) => Some(since),
            (since, _) => Some(since - 1),
        }
    }

    fn is_overdue(&self, limits: &ConnectionLimits, now: Instant) -> bool {
        let now = self.millis(now);
        let lasts = |since: u64, limit: std::time::Duration| u128::from(now.saturating_sub(since)) >= limit.as_millis();
        let blocked = self.blocked.load(Relaxed);
        if blocked != 0 && lasts(blocked - 1, limits.answer) {
            return true;
        }
        let (phase, since) = self.phase_since();
        match phase {
            Phase::Head => lasts(since, limits.head),
            Phase::Idle => lasts(since, limits.idle),
            Phase::Body => {
                let earned = self.body_bytes.load(Relaxed) * 1_000 / ConnectionLimits::BODY_RATE;
                lasts(since, limits.body) || lasts(self.body_began.load(Relaxed) + earned, limits.body)
            }
            Phase::Working | Phase::Upgraded => false,
        }
    }
}

/// All connections.
pub(super) struct ConnectionTable<S> {
    limits: ConnectionLimits,
    epoch: Instant,
    state: Mutex<State<S>>,
}

struct State<S> {
    next: u64,
    all: HashMap<u64, (IpAddr, Arc<Connection<S>>)>,
    /// How many of `all` are closed already and about to leave.
    closing: usize,
    /// Those that are not closing, by address.
    by_address: HashMap<IpAddr, usize>,
}

/// A place in the table, left when this is dropped.
pub(super) struct TableEntry<S: Close> {
    id: u64,
    table: Arc<ConnectionTable<S>>,
    connection: Arc<Connection<S>>,
}

impl<S: Close> TableEntry<S> {
    /// The connection that has it.
    pub(super) const fn connection(&self) -> &Arc<Connection<S>> {
        &self.connection
    }
}

impl<S: Close> Drop for TableEntry<S> {
    fn drop(&mut self) {
        self.table.lock().leave(self.id);
    }
}

// Closed connections need a moment to go; beyond so many of them nobody is let in before some have gone.
const MAX_CLOSING: usize = 256;

impl<S: Close> ConnectionTable<S> {
    pub(super) fn new(limits: ConnectionLimits, now: Instant) -> Arc<Self> {
        let state = State { next: 0, all: HashMap::new(), closing: 0, by_address: HashMap::new() };
        Arc::new(Self { limits, epoch: now, state: Mutex::new(state) })
    }

    fn lock(&self) -> MutexGuard<'_, State<S>> {
        // No step of it leaves it half-done.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Lets a connection in, closing the one that was waited for longest where there is no place. Gives the socket back
    /// when there is none to close.
    pub(super) fn admit(self: &Arc<Self>, address: IpAddr, socket: S, now: Instant) -> Result<TableEntry<S>, S> {
        let address = network_of(address);
        let mut state = self.lock();
        let crowded = state.by_address.get(&address).is_some_and(|&count| count >= self.limits.per_address);
        let full = state.all.len() - state.closing >= self.limits.total;
        if crowded || full {
            let only = crowded.then_some(address);
            if state.closing >= MAX_CLOSING || !state.close_longest_waited_for(only) {
                return Err(socket);
            }
        }
        let id = state.next;
        state.next += 1;
        let connection = Arc::new(Connection::new(socket, self.epoch, now));
        state.all.insert(id, (address, Arc::clone(&connection)));
        *state.by_address.entry(address).or_default() += 1;
        Ok(TableEntry { id, table: Arc::clone(self), connection })
    }

    /// Closes those whose time is over; says how many.
    pub(super) fn close_overdue(&self, now: Instant) -> usize {
        self.close_where(|connection| connection.is_overdue(&self.limits, now))
    }

    /// Closes all that the server waits for; says how many.
    pub(super) fn close_waited_for(&self) -> usize {
        self.close_where(|connection| connection.waited_for_since().is_some() && connection.phase() != Phase::Upgraded)
    }

    /// Closes all but WebSockets; says how many.
    pub(super) fn close_requests(&self) -> usize {
        self.close_where(|connection| connection.phase() != Phase::Upgraded)
    }

    fn close_where(&self, which: impl Fn(&Connection<S>) -> bool) -> usize {
        let mut state = self.lock();
        let found: Vec<u64> =
            state.all.iter().filter(|(_, (_, it))| !it.closing.load(Relaxed) && which(it)).map(|(id, _)| *id).collect();
        for id in &found {
            state.close(*id);
        }
        found.len()
    }
}

impl<S: Close> State<S> {
    fn close_longest_waited_for(&mut self, only: Option<IpAddr>) -> bool {
        let found = self
            .all
            .iter()
            .filter(|(_, (address, it))| !it.closing.load(Relaxed) && only.is_none_or(|only| only == *address))
            .filter_map(|(id, (_, it))| Some((it.waited_for_since()?, *id)))
            .min();
        if let Some((_, id)) = found {
            self.close(id);
        }
        found.is_some()
    }

    fn close(&mut self, id: u64) {
        let Some((address, connection)) = self.all.get(&id) else { return };
        if connection.closing.swap(true, Relaxed) {
            return;
        }
        connection.socket.close();
        let address = *address;
        self.closing += 1;
        self.forget_address(address);
    }

    fn leave(&mut self, id: u64) {
        let Some((address, connection)) = self.all.remove(&id) else { return };
        if connection.closing.load(Relaxed) {
            self.closing -= 1;
        } else {
            self.forget_address(address);
        }
    }

    fn forget_address(&mut self, address: IpAddr) {
        if let Some(count) = self.by_address.get_mut(&address) {
            *count -= 1;
            if *count == 0 {
                self.by_address.remove(&address);
            }
        }
    }
}

/// What counts as one address: an IPv4 address, or the /64 that one household or machine has (RFC 6177 §2).
fn network_of(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(address) => Ipv6Addr::from_bits(address.to_bits() & !u128::from(u64::MAX)).into(),
        address => address,
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    impl Close for Arc<AtomicBool> {
        fn close(&self) {
            self.store(true, Relaxed);
        }
    }

    type Table = Arc<ConnectionTable<Arc<AtomicBool>>>;

    fn table(total: usize, per_address: usize) -> (Table, Instant) {
        let now = Instant::now();
        (ConnectionTable::new(ConnectionLimits { total, per_address, ..ConnectionLimits::default() }, now), now)
    }

    fn admit(table: &Table, last: u8, now: Instant) -> Option<TableEntry<Arc<AtomicBool>>> {
        table.admit(IpAddr::from([10, 0, 0, last]), Arc::default(), now).ok()
    }

    fn is_closed(place: &TableEntry<Arc<AtomicBool>>) -> bool {
        place.connection().socket().load(Relaxed)
    }

    #[test]
    fn the_one_waited_for_longest_makes_room() {
        let (table, now) = table(3, 3);
        let second = Duration::from_secs(1);
        let places: Vec<_> = (0..3).map(|n| admit(&table, 1, now + second * n).unwrap()).collect();
        // The oldest is being worked on.
        places[0].connection().begin_request(now + second * 3);
        let fourth = admit(&table, 2, now + second * 4).unwrap();
        let closed: Vec<_> = places.iter().map(is_closed).collect();
        assert_eq!(closed, [false, true, false]);
        assert!(!is_closed(&fourth));
    }

    #[test]
    fn nobody_who_is_worked_for_makes_room() {
        let (table, now) = table(2, 2);
        let places: Vec<_> = (0..2).map(|_| admit(&table, 1, now).unwrap()).collect();
        places[0].connection().begin_request(now);
        places[1].connection().enter(Phase::Upgraded, now);
        assert!(admit(&table, 2, now).is_none());
        places[0].connection().end_request(now);
        assert!(admit(&table, 2, now).is_some());
    }

    #[test]
    fn a_crowded_address_makes_room_for_itself_only() {
        let (table, now) = table(4, 2);
        let second = Duration::from_secs(1);
        let other = admit(&table, 2, now).unwrap();
        let one = admit(&table, 1, now + second).unwrap();
        let two = admit(&table, 1, now + second * 2).unwrap();
        let three = admit(&table, 1, now + second * 3).unwrap();
        assert_eq!([&other, &one, &two, &three].map(is_closed), [false, true, false, false]);
    }

    #[test]
    fn places_are_free_again() {
        let (table, now) = table(2, 2);
        for _ in 0..10 {
            let (one, two) = (admit(&table, 1, now).unwrap(), admit(&table, 1, now).unwrap());
            one.connection().begin_request(now);
            two.connection().begin_request(now);
            assert!(admit(&table, 1, now).is_none());
        }
        let state = table.lock();
        assert!(state.all.is_empty() && state.by_address.is_empty() && state.closing == 0);
    }

    #[test]
    fn ipv6_counts_by_its_64_and_mapped_addresses_as_ipv4() {
        let network = |text: &str| network_of(text.parse().unwrap());
        assert_eq!(network("2001:db8:1:2::1"), network("2001:db8:1:2:ffff::9"));
        assert_ne!(network("2001:db8:1:2::1"), network("2001:db8:1:3::1"));
        assert_eq!(network("::ffff:10.0.0.1"), network("10.0.0.1"));
        assert_ne!(network("10.0.0.1"), network("10.0.0.2"));
    }

    /// What is done to a connection, then after how many seconds it is overdue; 0 is never.
    #[test]
    fn each_wait_has_its_end() {
        type Steps = fn(&Connection<Arc<AtomicBool>>, Instant);
        let second = Duration::from_secs(1);
        let cases: [(&str, Steps, u64); 8] = [
            ("a head", |_, _| {}, 10),
            ("a head that arrives byte by byte", |it, now| it.received(now + Duration::from_secs(9)), 10),
            ("idle", |it, now| it.end_request(now), 75),
            (
                "a later head",
                |it, now| {
                    it.end_request(now);
                    it.received(now);
                },
                10,
            ),
            ("at work", |it, now| it.begin_request(now), 0),
            (
                "a body",
                |it, now| {
                    it.begin_request(now);
                    it.await_body(now);
                },
                20,
            ),
            (
                "an answer that is not taken",
                |it, now| {
                    it.begin_request(now);
                    it.block(now);
                },
                30,
            ),
            ("a WebSocket", |it, now| it.enter(Phase::Upgraded, now), 0),
        ];
        for (what, steps, overdue) in cases {
            let (table, now) = table(1, 1);
            let place = admit(&table, 1, now).unwrap();
            steps(place.connection(), now);
            let last = if overdue == 0 { 1_000_000 } else { overdue - 1 };
            assert_eq!(table.close_overdue(now + second * u32::try_from(last).unwrap()), 0, "{what}");
            if overdue != 0 {
                assert_eq!(table.close_overdue(now + second * u32::try_from(overdue).unwrap()), 1, "{what}");
            }
            assert_eq!(is_closed(&place), overdue != 0, "{what}");
        }
    }

    #[test]
    fn a_body_that_trickles_ends_and_one_that_flows_does_not() {
        let second = Duration::from_secs(1);
        for (bytes, closed) in [(1, true), (64 * 1024, false)] {
            let (table, now) = table(1, 1);
            let place = admit(&table, 1, now).unwrap();
            let connection = place.connection();
            connection.begin_request(now);
            for n in 1..60 {
                connection.await_body(now + second * (n - 1));
                table.close_overdue(now + second * n);
                connection.took_body(bytes, now + second * n);
            }
            assert_eq!(is_closed(&place), closed, "{bytes} bytes a second");
        }
    }

    #[test]
    fn a_websocket_that_takes_nothing_ends() {
        let (table, now) = table(1, 1);
        let place = admit(&table, 1, now).unwrap();
        place.connection().enter(Phase::Upgraded, now);
        place.connection().block(now);
        place.connection().unblock();
        assert_eq!(table.close_overdue(now + Duration::from_secs(100)), 0);
        place.connection().block(now);
        assert_eq!(table.close_overdue(now + Duration::from_secs(100)), 1);
    }
}
