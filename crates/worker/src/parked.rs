//! Whose browsers stay awake while changes wait for a person. Each costs memory, so that only so many do; then the one that
//! has waited longest sleeps, and wakes when somebody comes.

use countersign_model::ChangeId;
use parking_lot::Mutex;

const MIB: u64 = 1 << 20;
/// What a page that waits takes up in Chromium, at most of sites.
const OF_ONE: u64 = 150 * MIB;

/// The changes that wait, the one that has waited longest first.
pub(crate) struct ParkedBrowsers {
    most_awake: usize,
    all: Mutex<Vec<One>>,
}

struct One {
    change: ChangeId,
    browser: Browser,
    /// Nobody looks on, and the page can be opened again without loss.
    may_sleep: bool,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Browser {
    Awake,
    /// It has been told to sleep, and no longer counts.
    GoingToSleep,
    Asleep,
}

impl ParkedBrowsers {
    pub(crate) const fn new(most_awake: usize) -> Self {
        Self { most_awake, all: Mutex::new(Vec::new()) }
    }

    /// A change begins to wait, where there is room for its browser beside those that are awake; another one may have to sleep
    /// for it.
    pub(crate) fn comes(&self, change: ChangeId) -> bool {
        let mut all = self.all.lock();
        let has_room = awake(&all) < self.most_awake || send_to_sleep(&mut all);
        if has_room {
            all.push(One { change, browser: Browser::Awake, may_sleep: false });
        }
        has_room
    }

    /// Whether its browser is to sleep now. `may_sleep`: nobody looks on, and nothing is lost by it.
    pub(crate) fn is_to_sleep(&self, change: ChangeId, may_sleep: bool) -> bool {
        let mut all = self.all.lock();
        let Some(one) = all.iter_mut().find(|one| one.change == change) else { return false };
        one.may_sleep = may_sleep;
        if one.browser == Browser::GoingToSleep && !may_sleep {
            one.browser = Browser::Awake;
        }
        one.browser == Browser::GoingToSleep
    }

    pub(crate) fn sleeps(&self, change: ChangeId) {
        if let Some(one) = self.all.lock().iter_mut().find(|one| one.change == change) {
            one.browser = Browser::Asleep;
        }
    }

    /// Somebody has come for it. Nobody who comes is kept waiting: another one goes to sleep, if one may.
    pub(crate) fn wakes(&self, change: ChangeId) {
        let mut all = self.all.lock();
        if let Some(one) = all.iter_mut().find(|one| one.change == change) {
            (one.browser, one.may_sleep) = (Browser::Awake, false);
        }
        if awake(&all) > self.most_awake {
            send_to_sleep(&mut all);
        }
    }

    pub(crate) fn goes(&self, change: ChangeId) {
        self.all.lock().retain(|one| one.change != change);
    }
}

/// How many may be awake on this machine: half of the memory that is free may go to them.
pub(crate) fn most_awake() -> usize {
    let read = |path: &str| std::fs::read_to_string(path).unwrap_or_default();
    room(&read("/proc/meminfo"), &read("/sys/fs/cgroup/memory.max"))
}

/// From the text of `/proc/meminfo` and a control group's limit in bytes, either of which may be missing.
fn room(meminfo: &str, limit: &str) -> usize {
    let line = meminfo.lines().find_map(|line| line.strip_prefix("MemAvailable:"));
    let free = line.and_then(|rest| rest.trim().strip_suffix(" kB")).and_then(|kib| kib.parse::<u64>().ok());
    let free = free.map_or(u64::MAX, |kib| kib.saturating_mul(1_024));
    let limit = limit.trim().parse::<u64>().unwrap_or(u64::MAX);
    usize::try_from(free.min(limit) / 2 / OF_ONE).unwrap_or(usize::MAX).clamp(2, 20)
}

fn awake(all: &[One]) -> usize {
    all.iter().filter(|one| one.browser == Browser::Awake).count()
}

fn send_to_sleep(all: &mut [One]) -> bool {
    let oldest = all.iter_mut().find(|one| one.browser == Browser::Awake && one.may_sleep);
    oldest.map(|one| one.browser = Browser::GoingToSleep).is_some()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ids<const N: usize>() -> [ChangeId; N] {
        std::array::from_fn(|number| {
            serde_json::from_str(&format!("\"00000000-0000-7000-8000-00000000000{number}\"")).unwrap()
        })
    }

    #[test]
    fn half_of_the_free_memory_is_for_browsers_that_wait() {
        let meminfo = |kib: u64| format!("MemTotal:       99999999 kB\nMemAvailable:   {kib} kB\nBuffers: 1 kB\n");
        for (meminfo, limit, expected) in [
            (meminfo(16 << 20), "max\n", 20),
            (meminfo(2 << 20), "max\n", 6),
            (meminfo(100 << 10), "max\n", 2),
            (meminfo(16 << 20), "1073741824\n", 3),
            (String::new(), "", 20),
            ("MemAvailable: much".to_owned(), "2147483648", 6),
        ] {
            assert_eq!(room(&meminfo, limit), expected, "{meminfo} {limit}");
        }
    }

    #[test]
    fn the_one_that_has_waited_longest_sleeps_for_a_further_one() {
        let parked = ParkedBrowsers::new(2);
        let [first, second, third, fourth] = ids();
        assert!(parked.comes(first));
        assert!(parked.comes(second));
        assert!(!parked.comes(third), "neither has said that it may sleep");
        assert!(!parked.is_to_sleep(second, true));
        assert!(!parked.is_to_sleep(first, true));
        assert!(parked.comes(third));
        assert!(parked.is_to_sleep(first, true));
        assert!(!parked.is_to_sleep(second, true));
        parked.sleeps(first);
        assert!(parked.comes(fourth));
        assert!(parked.is_to_sleep(second, true));
    }

    #[test]
    fn who_is_looked_at_stays_awake() {
        let parked = ParkedBrowsers::new(1);
        let [first, second, third] = ids();
        assert!(parked.comes(first));
        assert!(!parked.is_to_sleep(first, true));
        assert!(parked.comes(second));
        assert!(!parked.is_to_sleep(first, false), "somebody has come meanwhile");
        assert!(!parked.is_to_sleep(first, false));
        assert!(!parked.comes(third));
    }

    #[test]
    fn whoever_comes_wakes_one_and_sends_another_to_sleep() {
        let parked = ParkedBrowsers::new(1);
        let [first, second, third] = ids();
        assert!(parked.comes(first));
        assert!(!parked.is_to_sleep(first, true));
        assert!(parked.comes(second));
        parked.sleeps(first);
        assert!(!parked.is_to_sleep(second, true));
        parked.wakes(first);
        assert!(parked.is_to_sleep(second, true));
        assert!(!parked.is_to_sleep(first, false));
        parked.goes(first);
        parked.sleeps(second);
        assert!(parked.comes(third));
    }
}
