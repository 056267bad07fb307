use std::{net::IpAddr, num::NonZeroU32, time::Duration};

use governor::{
    Quota, RateLimiter,
    clock::{Clock as _, DefaultClock},
    state::keyed::HashMapStateStore,
};

// A whole office may stand behind one address; what one name may fail is the vault's own rule.
const SIGN_INS_A_MINUTE: NonZeroU32 = NonZeroU32::new(60).expect("not zero");
// Addresses that have been quiet are forgotten when there are so many.
const MOST_ADDRESSES: usize = 10_000;

/// How often one address may try to sign in.
pub(crate) struct SignInThrottle {
    limiter: RateLimiter<IpAddr, HashMapStateStore<IpAddr>, DefaultClock>,
}

impl Default for SignInThrottle {
    fn default() -> Self {
        Self { limiter: RateLimiter::hashmap(Quota::per_minute(SIGN_INS_A_MINUTE)) }
    }
}

impl SignInThrottle {
    /// Takes one try of this address, or says how long to wait.
    pub(crate) fn check(&self, address: IpAddr) -> Result<(), Duration> {
        if self.limiter.len() > MOST_ADDRESSES {
            self.limiter.retain_recent();
        }
        self.limiter.check_key(&address).map_err(|not_yet| not_yet.wait_time_from(DefaultClock::default().now()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_address_is_slowed_down_and_others_are_not() {
        let throttle = SignInThrottle::default();
        let (one, other) = (IpAddr::from([127, 0, 0, 1]), IpAddr::from([127, 0, 0, 2]));
        for _ in 0..SIGN_INS_A_MINUTE.get() {
            throttle.check(one).unwrap();
        }
        assert!(throttle.check(one).unwrap_err() > Duration::ZERO);
        assert!(throttle.check(other).is_ok());
    }
}
