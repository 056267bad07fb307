use argon2::{Algorithm, Argon2, Block, Params, Version};
use zeroize::Zeroizing;

use crate::Secret;
use crate::foreign::KeyError;

/// The costs of Argon2id (RFC 9106 §3.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Argon2Cost {
    /// Memory in KiB.
    pub memory_kib: u64,
    /// Passes over the memory.
    pub passes: u64,
    /// Lanes, also called parallelism.
    pub lanes: u32,
}

/// The most that is paid.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Argon2Limit {
    /// Memory in KiB.
    pub memory_kib: u64,
    /// Passes over the memory.
    pub passes: u64,
    /// Memory times passes, in KiB: the time it takes.
    pub work_kib: u64,
    /// Lanes, which cost nothing by themselves.
    pub lanes: u32,
}

impl Argon2Limit {
    /// For files from outside: 256 MiB, 20 passes.
    pub const USUAL: Self = Self { memory_kib: 256 << 10, passes: 20, work_kib: (256 << 10) * 20, lanes: 16 };

    /// The same memory and time for KeePass's databases, whose programs take 64 MiB, as many passes as a second or more of their
    /// machine has time for, and a lane for each of its processors.
    pub const KEEPASS: Self = Self { passes: 100_000, lanes: 256, ..Self::USUAL };
}

/// A key of 32 bytes (Argon2id, version 1.3, RFC 9106).
///
/// # Errors
/// Over the limit, numbers for which Argon2 is not defined, or too little memory now.
pub fn argon2id(password: &Secret, salt: &[u8], cost: Argon2Cost, limit: Argon2Limit) -> Result<Secret, KeyError> {
    let params = cost.checked(limit)?;
    let mut memory = Vec::new();
    let blocks = params.block_count();
    // Asked for beforehand: a vector that grows in vain ends the process.
    memory.try_reserve_exact(blocks).map_err(|_| KeyError::NoMemory(mebibytes(cost.memory_kib)))?;
    memory.resize(blocks, Block::new());
    let mut key = Zeroizing::new([0; 32]);
    Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
        .hash_password_into_with_memory(password.expose(), salt, key.as_mut(), &mut memory)
        .map_err(|_| KeyError::Senseless("salt or password's length"))?;
    Ok(Secret::from(&mut *key))
}

impl Argon2Cost {
    pub(super) fn checked(&self, limit: Argon2Limit) -> Result<Params, KeyError> {
        let too_costly = |asked: String, most: String| Err(KeyError::TooCostly { asked, most });
        if self.memory_kib > limit.memory_kib {
            return too_costly(
                format!("{} of memory (Argon2id)", mebibytes(self.memory_kib)),
                mebibytes(limit.memory_kib),
            );
        }
        if self.passes > limit.passes {
            return too_costly(format!("{} passes of Argon2id", self.passes), limit.passes.to_string());
        }
        if self.memory_kib.saturating_mul(self.passes) > limit.work_kib {
            return too_costly(
                format!("{} passes of Argon2id over {}", self.passes, mebibytes(self.memory_kib)),
                format!("{} passes over so much memory", limit.work_kib / self.memory_kib.max(1)),
            );
        }
        if self.lanes > limit.lanes {
            return too_costly(format!("{} lanes of Argon2id", self.lanes), limit.lanes.to_string());
        }
        let number = |number: u64| u32::try_from(number).map_err(|_| KeyError::Senseless("memory"));
        Params::new(number(self.memory_kib)?, number(self.passes)?, self.lanes, Some(32))
            .map_err(|_| KeyError::Senseless("memory, passes or lanes"))
    }
}

fn mebibytes(kib: u64) -> String {
    format!("{} MiB", kib >> 10)
}

#[cfg(test)]
mod tests {
    use super::{Argon2Cost, Argon2Limit, argon2id};
    use crate::Secret;
    use crate::foreign::KeyError;

    /// Computed with the reference implementation.
    #[test]
    fn argon2id_is_the_standards() {
        let rows = [
            (
                Argon2Cost { memory_kib: 64, passes: 3, lanes: 4 },
                "d0266a319d5004c687423de9f9af630e2c0d70ba0b1eee8de6383bdeae80fcce",
            ),
            (
                Argon2Cost { memory_kib: 8, passes: 1, lanes: 1 },
                "33b8f0d06408e0a7dcc5ffb13e575f35162db4ff3db1c73d5d501801c699d14d",
            ),
        ];
        for (cost, expected) in rows {
            let password = Secret::from("correct horse".to_owned());
            let key = argon2id(&password, b"0123456789abcdef", cost, Argon2Limit::USUAL).unwrap();
            assert_eq!(data_encoding::HEXLOWER.encode(key.expose()), expected);
        }
    }

    #[test]
    fn costs_are_refused_before_they_are_paid() {
        let of = |memory_kib, passes, lanes| {
            let cost = Argon2Cost { memory_kib, passes, lanes };
            argon2id(&Secret::from("x".to_owned()), b"0123456789abcdef", cost, Argon2Limit::USUAL).err()
        };
        for (memory, passes, lanes) in [(1 << 20, 1, 1), (u64::MAX, u64::MAX, 1), (64, 21, 1), (1024, 1, 17)] {
            assert!(matches!(of(memory, passes, lanes), Some(KeyError::TooCostly { .. })), "{memory} {passes} {lanes}");
        }
        for (memory, passes, lanes) in [(0, 1, 1), (64, 0, 1), (64, 1, 0)] {
            assert!(matches!(of(memory, passes, lanes), Some(KeyError::Senseless(_))), "{memory} {passes} {lanes}");
        }
        let work = Argon2Limit { memory_kib: 1 << 20, passes: 64, work_kib: 4 << 20, lanes: 1 };
        let cost = Argon2Cost { memory_kib: 1 << 20, passes: 5, lanes: 1 };
        assert!(matches!(
            argon2id(&Secret::from("x".to_owned()), b"0123456789abcdef", cost, work),
            Err(KeyError::TooCostly { most, .. }) if most == "4 passes over so much memory"
        ));
    }
}
