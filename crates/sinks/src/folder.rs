//! A folder with a file of JSON lines a day, as an export writes them. Files are only ever added to, and what they end with is where the
//! folder goes on: so each record stands in it once, whatever stopped in between.

use std::{
    fs::{self, DirBuilder, File, OpenOptions},
    io::{self, Read as _, Seek as _, SeekFrom, Write as _},
    os::unix::fs::{DirBuilderExt as _, MetadataExt as _, OpenOptionsExt as _},
    path::{Path, PathBuf},
};

use countersign_audit::ExportLine;
use countersign_model::{Timestamp, VaultId};

/// Longer than any line, and than some.
const TAIL: u64 = 2 << 20;
/// Why a folder cannot be opened that somebody has open.
pub(crate) const BEING_WRITTEN: &str = "is being written by another destination or another server";
const MARKER: &str = "log.json";

/// A folder that nobody else writes.
pub(crate) struct Folder {
    path: PathBuf,
    // Held as long as this is.
    _lock: File,
    /// The file that is added to, by its day; none in an empty folder.
    day: Option<String>,
    file: Option<File>,
    last: Last,
}

/// What a folder ends with.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Last {
    /// The number of its last record; 0 when it has none.
    pub(crate) record: u64,
    /// The size of its last checkpoint behind that.
    pub(crate) checkpoint: u64,
}

impl Folder {
    /// Opens the folder of that name, or makes it. A line that was not written to its end is taken away.
    ///
    /// # Errors
    /// Says what is wrong, and where.
    pub(crate) fn open(root: &Path, name: &str, log: VaultId) -> Result<Self, String> {
        let path = root.join(name);
        if !root.is_dir() {
            return Err(format!("{} is not there: make this folder, writable by the server", root.display()));
        }
        match fs::symlink_metadata(&path) {
            Ok(found) if !found.is_dir() => return Err(format!("{} is no folder", path.display())),
            Ok(_) => {}
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                DirBuilder::new().mode(0o700).create(&path).map_err(at(&path, "cannot be made"))?;
                sync_folder(root)?;
            }
            Err(error) => return Err(at(&path, "cannot be read")(error)),
        }
        let lock = path.join(".lock");
        let lock = opened(&lock).map_err(at(&lock, "cannot be opened"))?;
        lock.try_lock().map_err(|_| format!("{} {BEING_WRITTEN}", path.display()))?;
        claim(&path, log)?;
        let mut folder = Self { path, _lock: lock, day: None, file: None, last: Last::default() };
        folder.find_end()?;
        Ok(folder)
    }

    /// What it ends with.
    pub(crate) const fn last(&self) -> Last {
        self.last
    }

    /// Where it is.
    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// Adds lines, and has them on the disk. What is there already is passed over.
    ///
    /// # Errors
    /// Says what is wrong: then the folder is to be opened anew.
    pub(crate) fn append(&mut self, lines: &[ExportLine]) -> Result<(), String> {
        let mut text = String::new();
        for line in lines {
            let (at, last) = match line {
                ExportLine::Record(record) if record.seq > self.last.record => {
                    (record.entry.at, Last { record: record.seq, ..self.last })
                }
                ExportLine::Checkpoint(checkpoint) if checkpoint.size > self.last.checkpoint => {
                    (checkpoint.time, Last { checkpoint: checkpoint.size, ..self.last })
                }
                _ => continue,
            };
            let day = day_after(self.day.as_deref(), at);
            if self.day.as_ref() != Some(&day) {
                self.write(&text)?;
                text.clear();
                self.begin(day)?;
            }
            text.push_str(&line.to_json());
            text.push('\n');
            self.last = last;
        }
        self.write(&text)
    }

    fn write(&mut self, text: &str) -> Result<(), String> {
        let (Some(file), Some(day), false) = (&mut self.file, &self.day, text.is_empty()) else { return Ok(()) };
        let path = self.path.join(file_name(day));
        if !is_at(file, &path) {
            return Err(format!("{} was moved or removed: what it lacks is written there anew", path.display()));
        }
        let written = file.write_all(text.as_bytes()).and_then(|()| file.sync_data());
        written.map_err(at(&self.path, "cannot be written"))
    }

    fn begin(&mut self, day: String) -> Result<(), String> {
        let path = self.path.join(file_name(&day));
        self.file = Some(opened(&path).map_err(at(&path, "cannot be made"))?);
        self.day = Some(day);
        sync_folder(&self.path)
    }

    /// Looks at the newest files until one tells of a record.
    fn find_end(&mut self) -> Result<(), String> {
        let mut days = days_of(&self.path)?;
        days.sort();
        self.day = days.last().cloned();
        if let Some(newest) = &self.day {
            let path = self.path.join(file_name(newest));
            let mut file = opened(&path).map_err(at(&path, "cannot be opened"))?;
            mend(&mut file).map_err(at(&path, "cannot be mended"))?;
            self.file = Some(file);
        }
        for day in days.iter().rev() {
            let path = self.path.join(file_name(day));
            let found = end_of(&path)?;
            self.last.checkpoint = self.last.checkpoint.max(found.checkpoint);
            self.last.record = found.record;
            if found.record > 0 {
                break;
            }
        }
        Ok(())
    }
}

/// The day of a time in UTC, or the day of the file before where that is later: a clock that was set back begins no older file.
fn day_after(before: Option<&str>, at: Timestamp) -> String {
    let day: String = at.to_string().chars().take(10).collect();
    before.filter(|before| *before > day.as_str()).map_or(day, str::to_owned)
}

fn file_name(day: &str) -> String {
    format!("audit-{day}.jsonl")
}

fn day_of(name: &str) -> Option<String> {
    let day = name.strip_prefix("audit-")?.strip_suffix(".jsonl")?;
    let shape = |(at, it): (usize, char)| if at == 4 || at == 7 { it == '-' } else { it.is_ascii_digit() };
    (day.len() == 10 && day.chars().enumerate().all(shape)).then(|| day.to_owned())
}

fn days_of(folder: &Path) -> Result<Vec<String>, String> {
    let entries = fs::read_dir(folder).map_err(at(folder, "cannot be read"))?;
    let names = entries.map(|entry| entry.map(|entry| entry.file_name().to_string_lossy().into_owned()));
    let names: Vec<String> = names.collect::<io::Result<_>>().map_err(at(folder, "cannot be read"))?;
    Ok(names.iter().filter_map(|name| day_of(name)).collect())
}

/// Takes away what stands behind the last whole line.
fn mend(file: &mut File) -> io::Result<()> {
    let (length, text) = tail(file)?;
    let whole = text.iter().rposition(|byte| *byte == b'\n').map_or(0, |at| at + 1);
    let rest = (text.len() - whole) as u64;
    if rest > 0 {
        file.set_len(length - rest)?;
        file.sync_all()?;
    }
    Ok(())
}

fn tail(file: &mut File) -> io::Result<(u64, Vec<u8>)> {
    let length = file.seek(SeekFrom::End(0))?;
    file.seek(SeekFrom::Start(length.saturating_sub(TAIL)))?;
    let mut text = Vec::new();
    file.take(TAIL).read_to_end(&mut text)?;
    Ok((length, text))
}

/// The last record of a file, and the last checkpoint behind it.
fn end_of(path: &Path) -> Result<Last, String> {
    let mut file = File::open(path).map_err(at(path, "cannot be opened"))?;
    let (_, text) = tail(&mut file).map_err(at(path, "cannot be read"))?;
    let mut last = Last::default();
    for line in text.split(|byte| *byte == b'\n').rev().filter(|line| !line.is_empty()) {
        let line = str::from_utf8(line).ok().and_then(|line| ExportLine::parse(line).ok());
        match line {
            Some(ExportLine::Record(record)) => return Ok(Last { record: record.seq, ..last }),
            Some(ExportLine::Checkpoint(found)) => last.checkpoint = last.checkpoint.max(found.size),
            None => {
                return Err(format!(
                    "{} ends with a line that is no record: something else has written there; move the file away",
                    path.display()
                ));
            }
        }
    }
    Ok(last)
}

/// A folder is of one log.
fn claim(folder: &Path, log: VaultId) -> Result<(), String> {
    let path = folder.join(MARKER);
    let mine = format!("{{\"log\":\"{log}\"}}\n");
    match fs::read_to_string(&path) {
        Ok(found) if found == mine => Ok(()),
        // The process ended before it was written.
        Ok(found) if !found.is_empty() => {
            Err(format!("{} belongs to the log of another vault: use another folder", folder.display()))
        }
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(at(&path, "cannot be read")(error)),
        _ => {
            let new = folder.join(".log.json");
            fs::write(&new, mine).and_then(|()| File::open(&new)?.sync_all()).map_err(at(&new, "cannot be written"))?;
            fs::rename(&new, &path).map_err(at(&path, "cannot be written"))?;
            sync_folder(folder)
        }
    }
}

/// Whether a file that is open is what a path leads to still.
fn is_at(file: &File, path: &Path) -> bool {
    let identity = |found: io::Result<fs::Metadata>| found.ok().map(|found| (found.dev(), found.ino()));
    let there = identity(fs::metadata(path));
    there.is_some() && there == identity(file.metadata())
}

fn opened(path: &Path) -> io::Result<File> {
    OpenOptions::new().read(true).append(true).create(true).mode(0o600).open(path)
}

fn sync_folder(folder: &Path) -> Result<(), String> {
    File::open(folder).and_then(|folder| folder.sync_all()).map_err(at(folder, "cannot be written"))
}

fn at(path: &Path, what: &'static str) -> impl Fn(io::Error) -> String {
    move |error| format!("{} {what}: {error}", path.display())
}

#[cfg(test)]
mod tests {
    use countersign_audit::{ActorRef, AuditAction, AuditEntry, ChainHead, Record};

    use super::*;
    use crate::format::testing::log;

    const DAY: i64 = 24 * 60 * 60;

    fn records(count: usize, each: i64) -> Vec<Record> {
        let mut head = ChainHead::EMPTY;
        let entry = |n| AuditEntry::new(Timestamp::from_seconds(n), ActorRef::system(), AuditAction::TokenRead);
        (0..count).map(|n| head.append(entry(1_700_000_000 + n as i64 * each))).collect()
    }

    fn lines(records: &[Record]) -> Vec<ExportLine> {
        records.iter().cloned().map(ExportLine::Record).collect()
    }

    /// The numbers in all files, in the order of their names.
    fn numbers(folder: &Path) -> Vec<u64> {
        let mut days = days_of(folder).expect("days");
        days.sort();
        let texts = days.iter().map(|day| fs::read_to_string(folder.join(file_name(day))).expect("text"));
        let texts: String = texts.collect();
        texts
            .lines()
            .filter_map(|line| match ExportLine::parse(line).unwrap_or_else(|error| panic!("{error}: {line}")) {
                ExportLine::Record(record) => Some(record.seq),
                ExportLine::Checkpoint(_) => None,
            })
            .collect()
    }

    #[test]
    fn a_folder_goes_on_where_it_ends() {
        let root = tempfile::tempdir().expect("a folder");
        let all = records(10, DAY / 3);
        let mut folder = Folder::open(root.path(), "siem", log()).expect("opened");
        assert_eq!(folder.last(), Last::default());
        folder.append(&lines(&all[..4])).expect("written");
        drop(folder);
        let mut folder = Folder::open(root.path(), "siem", log()).expect("opened again");
        assert_eq!(folder.last().record, 4);
        // What it has comes again, as after a stop.
        folder.append(&lines(&all)).expect("written");
        let path = folder.path().to_owned();
        assert_eq!(numbers(&path), (1..=10).collect::<Vec<_>>());
        assert!(days_of(&path).expect("days").len() >= 3, "a file a day");
    }

    #[test]
    fn a_line_that_broke_off_is_taken_away() {
        let root = tempfile::tempdir().expect("a folder");
        let all = records(6, 1);
        let mut folder = Folder::open(root.path(), "siem", log()).expect("opened");
        folder.append(&lines(&all[..5])).expect("written");
        let path = folder.path().join(file_name(folder.day.as_deref().expect("a day")));
        drop(folder);
        let whole = fs::read(&path).expect("bytes");
        // Wherever the fifth line breaks off.
        let fourth = whole[..whole.len() - 1].iter().rposition(|byte| *byte == b'\n').expect("a line") + 1;
        for cut in fourth..whole.len() {
            fs::write(&path, &whole[..cut]).expect("cut");
            let mut folder = Folder::open(root.path(), "siem", log()).expect("opened");
            assert_eq!(folder.last().record, 4, "cut at {cut}");
            folder.append(&lines(&all)).expect("written");
            assert_eq!(numbers(folder.path()), (1..=6).collect::<Vec<_>>(), "cut at {cut}");
        }
    }

    #[test]
    fn a_folder_that_was_moved_or_removed_is_noticed_and_written_anew() {
        let root = tempfile::tempdir().expect("a folder");
        let all = records(6, 1);
        for removed in [false, true] {
            let mut folder = Folder::open(root.path(), "siem", log()).expect("opened");
            folder.append(&lines(&all[..4])).expect("written");
            let path = folder.path().to_owned();
            fs::rename(&path, root.path().join(format!("moved {removed}"))).expect("moved");
            if !removed {
                fs::create_dir(&path).expect("another");
            }
            let refused = folder.append(&lines(&all[4..])).expect_err("nobody would find it");
            assert!(refused.contains("moved or removed"), "{refused}");
            drop(folder);
            let mut folder = Folder::open(root.path(), "siem", log()).expect("opened anew");
            assert_eq!(folder.last(), Last::default());
            folder.append(&lines(&all)).expect("written");
            assert_eq!(numbers(&path), (1..=6).collect::<Vec<_>>());
            drop(folder);
            fs::remove_dir_all(&path).expect("removed");
        }
    }

    #[test]
    fn a_clock_that_was_set_back_begins_no_older_file() {
        let root = tempfile::tempdir().expect("a folder");
        let all = records(6, -DAY);
        let mut folder = Folder::open(root.path(), "siem", log()).expect("opened");
        folder.append(&lines(&all)).expect("written");
        assert_eq!(numbers(folder.path()), (1..=6).collect::<Vec<_>>());
        assert_eq!(days_of(folder.path()).expect("days").len(), 1);
    }

    #[test]
    fn a_folder_is_of_one_log_and_one_writer() {
        let root = tempfile::tempdir().expect("a folder");
        let folder = Folder::open(root.path(), "siem", log()).expect("opened");
        let second = Folder::open(root.path(), "siem", log()).err().expect("it is being written");
        assert!(second.contains(BEING_WRITTEN), "{second}");
        drop(folder);
        let other = VaultId::from_uuid(uuid::Uuid::from_u128(5));
        let refused = Folder::open(root.path(), "siem", other).err().expect("of another log");
        assert!(refused.contains("another vault"), "{refused}");
        assert!(Folder::open(&root.path().join("missing"), "siem", log()).is_err());
        fs::write(root.path().join("file"), "x").expect("a file");
        assert!(Folder::open(root.path(), "file", log()).is_err());
    }

    #[test]
    fn what_others_wrote_is_not_added_to() {
        let root = tempfile::tempdir().expect("a folder");
        let mut folder = Folder::open(root.path(), "siem", log()).expect("opened");
        folder.append(&lines(&records(2, 1))).expect("written");
        let path = folder.path().join(file_name(folder.day.as_deref().expect("a day")));
        drop(folder);
        fs::write(&path, "hello\n").expect("written");
        let refused = Folder::open(root.path(), "siem", log()).err().expect("no record");
        assert!(refused.contains("no record"), "{refused}");
    }

    #[test]
    fn days_are_read_from_names_alone_that_are_ours() {
        assert_eq!(day_of("audit-2026-11-29.jsonl").as_deref(), Some("2026-11-29"));
        for name in ["audit-2026-11-29.json", "audit-.jsonl", "audit-2026-11-290.jsonl", "x", "audit-20a6-11-29.jsonl"]
        {
            assert_eq!(day_of(name), None, "{name}");
        }
    }
}
