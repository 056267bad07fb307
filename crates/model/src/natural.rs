//! The order in which people expect names: numbers in them by their value, so that `Server 2` comes before `Server 10`.

use std::cmp::Ordering;

/// A text whose order, byte by byte, is the natural order of names in search form: runs of the digits 0 to 9 count as numbers, all else as it
/// is. A name without digits is its own key.
///
/// Each run is written as how many digits it has, without zeros in front, and then these digits. Where two names are the same but
/// for zeros in front, fewer come first: how many each run has stands at the end, behind a character that no name holds.
pub fn order_key(name: &str) -> String {
    let mut key = String::with_capacity(name.len() + 8);
    let mut zeros = String::new();
    let mut any_zeros = false;
    let mut rest = name;
    while let Some(at) = rest.find(|c: char| c.is_ascii_digit()) {
        let (text, digits) = rest.split_at(at);
        key.push_str(text);
        let run = digits.len() - digits.trim_start_matches(|c: char| c.is_ascii_digit()).len();
        let (run, after) = digits.split_at(run);
        let number = significant(run);
        push_count(&mut key, number.len());
        key.push_str(number);
        any_zeros |= number.len() < run.len();
        push_count(&mut zeros, run.len() - number.len() + 1);
        rest = after;
    }
    key.push_str(rest);
    if any_zeros {
        key.push(ZEROS);
        key.push_str(&zeros);
    }
    key
}

/// The order of [`order_key`], without making the keys.
pub fn natural_order(one: &[u8], other: &[u8]) -> Ordering {
    let (mut left, mut right) = (one, other);
    let mut by_zeros = Ordering::Equal;
    loop {
        let (Some(a), Some(b)) = (left.first(), right.first()) else {
            return left.len().cmp(&right.len()).then(by_zeros);
        };
        if a.is_ascii_digit() && b.is_ascii_digit() {
            let (run, after) = split_run(left);
            let (other_run, other_after) = split_run(right);
            let (number, other_number) = (without_zeros(run), without_zeros(other_run));
            let order = number.len().cmp(&other_number.len()).then_with(|| number.cmp(other_number));
            if order.is_ne() {
                return order;
            }
            by_zeros = by_zeros.then(run.len().cmp(&other_run.len()));
            (left, right) = (after, other_after);
        } else if a == b {
            (left, right) = (&left[1..], &right[1..]);
        } else {
            return a.cmp(b);
        }
    }
}

const ZEROS: char = '\u{1}';

/// A count from 1: `1` to `8`, and a `9` in front for each eight more; so counts are in order, and none is the beginning of another.
fn push_count(key: &mut String, count: usize) {
    let mut left = count;
    while left > 8 {
        key.push('9');
        left -= 8;
    }
    key.push(char::from(b'0' + u8::try_from(left).unwrap_or(8)));
}

fn significant(run: &str) -> &str {
    let number = run.trim_start_matches('0');
    if number.is_empty() { &run[run.len() - 1..] } else { number }
}

fn split_run(text: &[u8]) -> (&[u8], &[u8]) {
    let end = text.iter().position(|byte| !byte.is_ascii_digit()).unwrap_or(text.len());
    text.split_at(end)
}

fn without_zeros(run: &[u8]) -> &[u8] {
    let first = run.iter().position(|byte| *byte != b'0').unwrap_or(run.len() - 1);
    &run[first..]
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::search_key;

    #[test]
    fn names_come_as_people_count() {
        // Each before the next.
        let ordered = [
            "",
            "-1",
            "0",
            "00",
            "1",
            "01",
            "1a",
            "2",
            "10",
            "010",
            "99999999",
            "100000000",
            "12345678901234567890123456789012345678901234567890",
            "a",
            "server",
            "server 0",
            "server 1",
            "server 1.2",
            "server 1.10",
            "server 2",
            "server 02",
            "server 002",
            "server 2 b",
            "server 02 c",
            "server 2a",
            "server 10",
            "server 100",
            "server a",
            "server-1",
            "servers",
            "x1y2",
            "x1y02",
            "x01y2",
            "x1y10",
            "x2y1",
            "äpfel 2",
            "äpfel 10",
        ];
        for (at, one) in ordered.iter().enumerate() {
            for (other_at, other) in ordered.iter().enumerate() {
                let wanted = at.cmp(&other_at);
                assert_eq!(order_key(one).cmp(&order_key(other)), wanted, "{one:?} and {other:?}");
                assert_eq!(natural_order(one.as_bytes(), other.as_bytes()), wanted, "{one:?} and {other:?}");
            }
        }
    }

    #[test]
    fn the_key_of_a_name() {
        let table = [
            ("instagram", "instagram"),
            ("server 2", "server 12"),
            ("server 10", "server 210"),
            ("server 02", "server 12\u{1}2"),
            ("a0b00", "a10b10\u{1}12"),
            ("123456789", "91123456789"),
            ("٣", "٣"),
        ];
        for (name, key) in table {
            assert_eq!(order_key(name), key);
        }
    }

    proptest! {
        /// One order, in which names are equal when they are the same.
        #[test]
        fn keys_and_comparison_are_one_total_order(names in prop::collection::vec("[a ä٣0-3.]{0,6}|[0-9]{0,30}|\\PC{0,8}", 3)) {
            let names: Vec<String> = names.iter().map(|name| search_key(name)).collect();
            let order = |a: usize, b: usize| natural_order(names[a].as_bytes(), names[b].as_bytes());
            for a in 0..3 {
                for b in 0..3 {
                    prop_assert_eq!(order_key(&names[a]).cmp(&order_key(&names[b])), order(a, b), "{:?}", &names);
                    prop_assert_eq!(order(a, b), order(b, a).reverse());
                    prop_assert_eq!(order(a, b).is_eq(), names[a] == names[b]);
                    for c in 0..3 {
                        prop_assert!(!(order(a, b).is_le() && order(b, c).is_le()) || order(a, c).is_le(), "{:?}", &names);
                    }
                }
            }
        }

        #[test]
        fn a_name_with_digits_has_another_key(name in "\\PC{0,20}") {
            prop_assert_eq!(order_key(&name) == name, !name.contains(|c: char| c.is_ascii_digit()));
        }

        #[test]
        fn numbers_are_in_the_order_of_their_values(a: u64, b: u64) {
            let name = |number: u64| format!("server {number}");
            prop_assert_eq!(natural_order(name(a).as_bytes(), name(b).as_bytes()), a.cmp(&b));
        }
    }
}
