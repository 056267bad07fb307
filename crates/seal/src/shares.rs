use std::{collections::BTreeSet, fmt::Write as _};

use blahaj::{Share as Point, Sharks};
use countersign_model::{Chance, VaultId};
use data_encoding::{BASE64URL_NOPAD, HEXLOWER};
use rand_core::{TryCryptoRng, TryRng};
use zeroize::Zeroizing;

use crate::{KeyId, KeySlot, Secret, Sha256, UnlockError, VaultKey};

const HEAD: &str = "countersign key share 1";
/// A point's place and what it is there, for each of the key's bytes.
const POINT_LEN: usize = 33;

/// One share of a vault key (Shamir 1979, over the field of 256 elements): fewer than `threshold` of them tell nothing.
///
/// Six lines of text, to be printed or kept in a file. The check is over all lines above it.
///
/// ```text
/// countersign key share 1
/// vault 01938d1c-7a31-7000-8000-000000000000
/// key 6f1d0a5c9be37242 set 41c06d7e
/// share 2 of 5, any 3 make the key
/// part AgAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA
/// check 5f0c2b9a
/// ```
pub struct KeyShare {
    vault: VaultId,
    key: KeyId,
    /// Shares of one export belong together, and only they.
    set: [u8; 4],
    number: u8,
    count: u8,
    threshold: u8,
    part: Secret,
}

/// A vault key that shares have given, before it is known to be the vault's.
pub struct SharedKey {
    pub(crate) vault: VaultId,
    pub(crate) root: Secret,
}

/// Why shares give no key. Texts count shares in the order in which they were given, from 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ShareError {
    /// How many are wanted makes no sense.
    #[error("must be 2 to 255, and the threshold 2 or more and no more than there are shares")]
    Numbers,
    /// It is something else.
    #[error("not a share of a key: its six lines begin with \"{HEAD}\"")]
    Form,
    /// A letter of it is wrong.
    #[error(
        "this share is damaged: its check does not fit its lines; compare it with what was printed, letter by letter"
    )]
    Damaged,
    /// It belongs to another vault.
    #[error("share {0} belongs to another vault than the first one")]
    OtherVault(usize),
    /// It belongs to another export, or to another key of the same vault.
    #[error("share {0} is from another export than the first one: only shares of one export belong together")]
    OtherSet(usize),
    /// The same twice.
    #[error("share {0} was given already: each counts once")]
    Twice(usize),
    /// Not enough of them.
    #[error("{given} of the {needed} shares that are needed: {missing} more", missing = needed - given)]
    TooFew {
        /// How many there are.
        given: usize,
        /// How many are needed.
        needed: usize,
    },
    /// Each is whole, and together they give another key than they name.
    #[error("together these shares do not give the key that they name: one of them was changed on purpose")]
    NotTheKey,
}

impl KeyShare {
    /// Splits a vault key into `count` shares, any `threshold` of which make it again.
    ///
    /// # Errors
    /// [`ShareError::Numbers`].
    pub fn split(key: &VaultKey, count: u8, threshold: u8, chance: &dyn Chance) -> Result<Vec<Self>, ShareError> {
        if threshold < 2 || threshold > count {
            return Err(ShareError::Numbers);
        }
        let mut set = [0; 4];
        chance.fill(&mut set);
        let (vault, id) = (key.vault(), key.id());
        let points = Sharks(threshold).dealer_rng(key.root().expose(), &mut ByChance(chance));
        let share = |(number, point): (u8, Point)| {
            let part = Secret::from(Vec::from(&point));
            Self { vault, key: id, set, number, count, threshold, part }
        };
        Ok((1..=count).zip(points).map(share).collect())
    }

    /// Reads a share's text.
    ///
    /// # Errors
    /// [`ShareError::Form`], [`ShareError::Damaged`].
    pub fn parse(text: &Secret) -> Result<Self, ShareError> {
        let text = text.expose_text().ok_or(ShareError::Form)?;
        // Some editors put a mark of the byte order in front.
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        let lines: Vec<&str> = text.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
        let [HEAD, vault, key, share, part, check] = lines[..] else { return Err(ShareError::Form) };
        let check = check.strip_prefix("check ").ok_or(ShareError::Form)?;
        if check != check_of(&lines[..5]) {
            return Err(ShareError::Damaged);
        }
        // From here on it is as it was written: what does not fit was never a share.
        let read = || {
            let (key, set) = key.strip_prefix("key ")?.split_once(" set ")?;
            let (number, rest) = share.strip_prefix("share ")?.split_once(" of ")?;
            let (count, rest) = rest.split_once(", any ")?;
            let part = Secret::from(BASE64URL_NOPAD.decode(part.strip_prefix("part ")?.as_bytes()).ok()?);
            let share = Self {
                vault: vault.strip_prefix("vault ")?.parse().ok()?,
                key: key.parse().ok()?,
                set: HEXLOWER.decode(set.as_bytes()).ok()?.try_into().ok()?,
                number: number.parse().ok()?,
                count: count.parse().ok()?,
                threshold: rest.strip_suffix(" make the key")?.parse().ok()?,
                part,
            };
            let plausible = share.threshold >= 2 && share.threshold <= share.count && share.part.len() == POINT_LEN;
            (plausible && share.part.expose().first() == Some(&share.number)).then_some(share)
        };
        read().ok_or(ShareError::Form)
    }

    /// The share's text.
    pub fn to_text(&self) -> Secret {
        let part = Zeroizing::new(BASE64URL_NOPAD.encode(self.part.expose()));
        let mut text = Zeroizing::new(format!(
            "{HEAD}\nvault {}\nkey {} set {}\nshare {} of {}, any {} make the key\npart {}\n",
            self.vault,
            self.key,
            HEXLOWER.encode(&self.set),
            self.number,
            self.count,
            self.threshold,
            *part
        ));
        let lines: Vec<&str> = text.lines().collect();
        let check = check_of(&lines);
        let _ = writeln!(text, "check {check}");
        Secret::from(text.as_bytes())
    }

    /// Its number among the shares, from 1.
    pub const fn number(&self) -> u8 {
        self.number
    }

    /// The key it is of, as it says.
    pub const fn key(&self) -> KeyId {
        self.key
    }

    /// Puts shares together again.
    ///
    /// # Errors
    /// [`ShareError`] names the share that does not belong to the others, or how many are missing.
    pub fn combine(shares: &[Self]) -> Result<SharedKey, ShareError> {
        let Some(first) = shares.first() else { return Err(ShareError::TooFew { given: 0, needed: 2 }) };
        let mut numbers = BTreeSet::new();
        for (at, share) in (1..).zip(shares) {
            if share.vault != first.vault {
                return Err(ShareError::OtherVault(at));
            }
            if (share.key, share.set, share.threshold) != (first.key, first.set, first.threshold) {
                return Err(ShareError::OtherSet(at));
            }
            if !numbers.insert(share.number) {
                return Err(ShareError::Twice(at));
            }
        }
        let needed = usize::from(first.threshold);
        if shares.len() < needed {
            return Err(ShareError::TooFew { given: shares.len(), needed });
        }
        let points = shares.iter().map(|share| Point::try_from(share.part.expose()).map_err(|_| ShareError::Form));
        let points = points.collect::<Result<Vec<_>, _>>()?;
        let root = Sharks(first.threshold).recover(&points).map_err(|_| ShareError::Form)?;
        let root = Secret::from(root).into_own_page();
        if root.len() != 32 || KeyId::of(&root, first.vault) != first.key {
            return Err(ShareError::NotTheKey);
        }
        Ok(SharedKey { vault: first.vault, root })
    }
}

fn check_of(lines: &[&str]) -> String {
    let mut hash = Sha256::default();
    for line in lines {
        hash.field(line.as_bytes());
    }
    HEXLOWER.encode(&hash.finish().bytes()[..4])
}

/// The crate asks its own kind of randomness.
struct ByChance<'a>(&'a dyn Chance);

impl TryRng for ByChance<'_> {
    type Error = std::convert::Infallible;

    fn try_next_u32(&mut self) -> Result<u32, Self::Error> {
        let mut bytes = [0; 4];
        self.0.fill(&mut bytes);
        Ok(u32::from_le_bytes(bytes))
    }

    fn try_next_u64(&mut self) -> Result<u64, Self::Error> {
        let mut bytes = [0; 8];
        self.0.fill(&mut bytes);
        Ok(u64::from_le_bytes(bytes))
    }

    fn try_fill_bytes(&mut self, bytes: &mut [u8]) -> Result<(), Self::Error> {
        self.0.fill(bytes);
        Ok(())
    }
}

impl TryCryptoRng for ByChance<'_> {}

impl VaultKey {
    /// Unlocks with what shares gave. `id` is the key that the vault has, `slot` any way to it, of which only what later
    /// keys carry along is used.
    pub fn unlock_with_shares(
        vault: VaultId,
        id: KeyId,
        slot: &KeySlot,
        shared: SharedKey,
    ) -> Result<Self, UnlockError> {
        if shared.vault != vault {
            return Err(UnlockError::OtherVault { file: shared.vault, database: vault });
        }
        let found = KeyId::of(&shared.root, vault);
        if found != id {
            return Err(UnlockError::OtherKey { shares: found, vault: id });
        }
        Self::with_slot(vault, slot, shared.root)
    }
}

#[cfg(test)]
mod tests {
    use countersign_model::{CountingChance, Timestamp};

    use super::*;

    fn key(chance: &CountingChance) -> VaultKey {
        VaultKey::generate(VaultId::new(Timestamp::from_seconds(1), chance), chance)
    }

    fn again(share: &KeyShare) -> KeyShare {
        KeyShare::parse(&share.to_text()).unwrap()
    }

    #[test]
    fn any_so_many_make_the_key_and_fewer_do_not() {
        let chance = CountingChance::default();
        let key = key(&chance);
        let shares = KeyShare::split(&key, 5, 3, &chance).unwrap();
        for some in [[0, 1, 2], [4, 2, 0], [1, 3, 4], [2, 3, 4]] {
            let some: Vec<KeyShare> = some.iter().map(|at| again(&shares[*at])).collect();
            let shared = KeyShare::combine(&some).unwrap();
            assert!(shared.root == *key.root() && shared.vault == key.vault());
        }
        let all: Vec<KeyShare> = shares.iter().map(again).collect();
        assert!(KeyShare::combine(&all).unwrap().root == *key.root(), "more than are needed");
        let two = [again(&shares[0]), again(&shares[4])];
        assert_eq!(KeyShare::combine(&two).err(), Some(ShareError::TooFew { given: 2, needed: 3 }));
        assert_eq!(KeyShare::combine(&[]).err(), Some(ShareError::TooFew { given: 0, needed: 2 }));
        assert_eq!(KeyShare::combine(&two).err().unwrap().to_string(), "2 of the 3 shares that are needed: 1 more");
    }

    #[test]
    fn what_does_not_belong_together_is_named() {
        let chance = CountingChance::default();
        let key_one = key(&chance);
        let one = KeyShare::split(&key_one, 3, 2, &chance).unwrap();
        let other_set = KeyShare::split(&key_one, 3, 2, &chance).unwrap();
        let other_key = KeyShare::split(&key_one.next(&chance), 3, 2, &chance).unwrap();
        let other_vault = KeyShare::split(&key(&chance), 3, 2, &chance).unwrap();
        let with = |other: &KeyShare| KeyShare::combine(&[again(&one[0]), again(other)]).err();
        assert_eq!(with(&other_set[1]), Some(ShareError::OtherSet(2)));
        assert_eq!(with(&other_key[1]), Some(ShareError::OtherSet(2)));
        assert_eq!(with(&other_vault[1]), Some(ShareError::OtherVault(2)));
        assert_eq!(with(&one[0]), Some(ShareError::Twice(2)));
        assert_eq!(with(&one[1]), None);
        for (count, threshold) in [(1, 1), (2, 1), (2, 3), (0, 0)] {
            assert_eq!(KeyShare::split(&key_one, count, threshold, &chance).err(), Some(ShareError::Numbers));
        }
    }

    #[test]
    fn a_wrong_letter_is_noticed_wherever_it_stands() {
        let chance = CountingChance::default();
        let share = &KeyShare::split(&key(&chance), 5, 3, &chance).unwrap()[1];
        let text = share.to_text();
        let text = text.expose_text().unwrap();
        assert!(KeyShare::parse(&Secret::from(text.replace('\n', "\r\n\r\n  "))).is_ok(), "blanks are not");
        for at in 0..text.len() {
            let mut bytes = text.as_bytes().to_vec();
            if bytes[at].is_ascii_whitespace() {
                continue;
            }
            bytes[at] = if bytes[at] == b'x' { b'y' } else { b'x' };
            let error = KeyShare::parse(&Secret::from(bytes)).err();
            assert!(matches!(error, Some(ShareError::Damaged | ShareError::Form)), "{at}: {error:?}");
        }
        for none in ["", "countersign key share 1", "countersign key file 1\nvault x\nkey y\n"] {
            assert_eq!(KeyShare::parse(&Secret::from(none.to_owned())).err(), Some(ShareError::Form));
        }
    }

    /// With the check made to fit, as only somebody does who means to.
    #[test]
    fn a_share_that_was_changed_on_purpose_gives_no_key() {
        let chance = CountingChance::default();
        let shares = KeyShare::split(&key(&chance), 3, 2, &chance).unwrap();
        let mut forged = again(&shares[1]);
        let mut part = forged.part.expose().to_vec();
        part[7] ^= 1;
        forged.part = Secret::from(part);
        let forged = again(&forged);
        assert_eq!(KeyShare::combine(&[again(&shares[0]), forged]).err(), Some(ShareError::NotTheKey));
    }
}
