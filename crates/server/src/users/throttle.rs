use std::{net::IpAddr, num::NonZeroU32, time::Duration};

use countersign_model::Network;
use governor::{
    Quota, RateLimiter,
    clock::{Clock as _, DefaultClock},
    state::keyed::HashMapStateStore,
};

// A whole office may stand behind one address; what one name may fail is the vault's own rule.
const SIGN_INS_A_MINUTE: NonZeroU32 = NonZeroU32::new(60).expect("not zero");
// Programs of a whole build farm, or a provider that brings a thousand users, may stand behind one address.
const CALLS_A_MINUTE: NonZeroU32 = NonZeroU32::new(600).expect("not zero");
// Addresses that have been quiet are forgotten when there are so many.
const MAX_ADDRESSES: usize = 10_000;

/// How often one address (of IPv6: one /64) may try to sign in.
pub(crate) struct SignInThrottle {
    limiter: RateLimiter<Network, HashMapStateStore<Network>, DefaultClock>,
}

impl Default for SignInThrottle {
    fn default() -> Self {
        Self { limiter: RateLimiter::hashmap(Quota::per_minute(SIGN_INS_A_MINUTE)) }
    }
}

impl SignInThrottle {
    /// For service accounts that ask for tokens, and for identity providers.
    pub(crate) fn of_programs() -> Self {
        Self { limiter: RateLimiter::hashmap(Quota::per_minute(CALLS_A_MINUTE)) }
    }

    /// Takes one try of this address, or says how long to wait.
    pub(crate) fn check(&self, address: IpAddr) -> Result<(), Duration> {
        if self.limiter.len() > MAX_ADDRESSES {
            self.limiter.retain_recent();
        }
        self.limiter
            .check_key(&Network::of_guesser(address))
            .map_err(|not_yet| not_yet.wait_time_from(DefaultClock::default().now()))
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

        let of_one_customer = |last: u32| IpAddr::from([0x2001, 0xdb8, 1, 2, 0, 0, 7, u16::try_from(last).unwrap()]);
        for last in 0..SIGN_INS_A_MINUTE.get() {
            throttle.check(of_one_customer(last)).unwrap();
        }
        assert!(throttle.check(of_one_customer(999)).is_err(), "a /64 is one customer's");
        assert!(throttle.check([0x2001, 0xdb8, 1, 3, 0, 0, 0, 1].into()).is_ok());
    }
}
