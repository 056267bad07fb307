//! What a backup is called: `countersign-20261201T023000Z.backup`, by when it was made. What is called otherwise is somebody
//! else's, and stays.

use countersign_model::Timestamp;

const BEFORE: &str = "countersign-";
const AFTER: &str = ".backup";

/// The name of a backup that is made at this moment, to the second.
pub fn backup_name(at: Timestamp) -> String {
    let text: String =
        Timestamp::from_seconds(at.seconds()).to_string().chars().filter(char::is_ascii_alphanumeric).collect();
    // "20261201T023000000Z": without the milliseconds.
    let (seconds, _) = text.split_at(text.len().min("20261201T023000".len()));
    format!("{BEFORE}{seconds}Z{AFTER}")
}

/// When a backup was made, by its name; `None` for what is none.
pub fn backup_time(name: &str) -> Option<Timestamp> {
    let text = name.strip_prefix(BEFORE)?.strip_suffix(AFTER)?.strip_suffix('Z')?;
    let (date, time) = text.split_once('T')?;
    let plain = |text: &str, digits: usize| text.len() == digits && text.bytes().all(|it| it.is_ascii_digit());
    if !plain(date, 8) || !plain(time, 6) {
        return None;
    }
    let written =
        format!("{}-{}-{}T{}:{}:{}Z", &date[..4], &date[4..6], &date[6..], &time[..2], &time[2..4], &time[4..]);
    written.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::{backup_name, backup_time};

    #[test]
    fn a_name_says_when_and_is_read_back() {
        let at = "2026-12-01T02:30:05.678Z".parse().unwrap();
        assert_eq!(backup_name(at), "countersign-20261201T023005Z.backup");
        assert_eq!(backup_time(&backup_name(at)).unwrap().to_string(), "2026-12-01T02:30:05.000Z");
    }

    #[test]
    fn what_others_have_put_there_is_none() {
        for name in [
            "",
            "countersign.db",
            "countersign-.backup",
            "countersign-20261201T023005Z.backup.part",
            "countersign-20261301T023005Z.backup",
            "countersign-20261201T996005Z.backup",
            "countersign-2026-12-01T02:30:05Z.backup",
            "countersign-+0261201T023005Z.backup",
            "countersign-20261201T02300é.backup",
            "x-countersign-20261201T023005Z.backup",
        ] {
            assert_eq!(backup_time(name), None, "{name}");
        }
    }
}
