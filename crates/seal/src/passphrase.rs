//! Unlocking by words: Argon2id (RFC 9106) stretches them to a key.

use argon2::{Algorithm, Argon2, Params, Version};
use zeroize::Zeroizing;

use crate::Secret;

pub(crate) const SALT_LEN: usize = 16;

/// How much work one guess costs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cost {
    /// Memory in KiB.
    pub memory_kib: u32,
    /// Passes over the memory.
    pub passes: u32,
}

impl Cost {
    /// For the vault's passphrase, paid once a start: the second recommendation of RFC 9106 §4, 64 MiB and three passes.
    pub const VAULT: Self = Self { memory_kib: 65_536, passes: 3 };
    /// For people's passwords, paid at each sign-in: 12 MiB and three passes, one of the equal choices of the OWASP
    /// password storage guide, so that signing in stays within the memory of a small machine.
    pub const SIGN_IN: Self = Self { memory_kib: 12_288, passes: 3 };
    /// The cheapest, for tests of what lies around it.
    pub const TEST: Self = Self { memory_kib: 8, passes: 1 };

    // Above this the parameters were not written by us, and trying them would only exhaust the machine.
    const MAX: Self = Self { memory_kib: 1_048_576, passes: 64 };
}

pub(crate) fn stretch(words: &Secret, salt: &[u8], cost: Cost) -> Secret {
    let params = Params::new(cost.memory_kib, cost.passes, 1, Some(32)).expect("the costs are within Argon2's limits");
    let mut key = Zeroizing::new([0; 32]);
    Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
        .hash_password_into(words.expose(), salt, key.as_mut())
        .expect("the salt has sixteen bytes and the key thirty-two");
    Secret::from(&mut *key)
}

/// `01` · memory (u32, little end first) · passes (u32) · salt (16).
pub(crate) fn write_parameters(salt: &[u8; SALT_LEN], cost: Cost) -> Vec<u8> {
    let mut bytes = vec![1];
    bytes.extend_from_slice(&cost.memory_kib.to_le_bytes());
    bytes.extend_from_slice(&cost.passes.to_le_bytes());
    bytes.extend_from_slice(salt);
    bytes
}

pub(crate) fn read_parameters(bytes: &[u8]) -> Option<([u8; SALT_LEN], Cost)> {
    let (&format, rest) = bytes.split_first()?;
    let (memory, rest) = rest.split_first_chunk::<4>()?;
    let (passes, salt) = rest.split_first_chunk::<4>()?;
    let cost = Cost { memory_kib: u32::from_le_bytes(*memory), passes: u32::from_le_bytes(*passes) };
    let fit = format == 1
        && (Cost::TEST.memory_kib..=Cost::MAX.memory_kib).contains(&cost.memory_kib)
        && (1..=Cost::MAX.passes).contains(&cost.passes);
    Some((salt.try_into().ok().filter(|_| fit)?, cost))
}
