//! Figures beside their goals, as the lines of a table in Markdown.

use std::{
    fs::File,
    io::{Seek as _, SeekFrom, Write as _},
    path::PathBuf,
    time::Instant,
};

/// One table, with what the disk took for a flush while its figures were measured.
pub(crate) struct Table {
    heading: &'static str,
    lines: Vec<String>,
    disk: Disk,
}

impl Table {
    /// A table without lines; the first flushes are measured now.
    pub(crate) fn new(heading: &'static str) -> anyhow::Result<Self> {
        let mut disk = Disk::default();
        disk.measure()?;
        Ok(Self { heading, lines: Vec::new(), disk })
    }

    /// The disk beside the figures.
    pub(crate) const fn disk(&mut self) -> &mut Disk {
        &mut self.disk
    }

    /// A line without a goal.
    pub(crate) fn plain(&mut self, what: &str, measured: &str) {
        self.lines.push(format!("| {what} | {measured} | | |"));
    }

    /// A line whose figure says more than a number.
    pub(crate) fn judged(&mut self, what: &str, measured: &str, goal: &str, met: bool) {
        self.lines.push(line(what, measured, goal, met));
    }

    /// A figure that must not be larger than `most`, both in `unit`.
    pub(crate) fn at_most(&mut self, what: &str, measured: f64, unit: &str, most: f64) {
        let goal = format!("≤ {most} {unit}");
        self.judged(what, &format!("{measured:.1} {unit}"), &goal, measured <= most);
    }

    /// What could not be measured, and why; its goal stands beside it.
    pub(crate) fn left_out(&mut self, what: &str, why: &str, goal: &str) {
        self.lines.push(format!("| {what} | not measured: {why} | {goal} | |"));
    }

    /// The whole table, once its last flushes are measured.
    pub(crate) fn finish(mut self) -> anyhow::Result<String> {
        self.disk.measure()?;
        let (heading, disk, lines) = (self.heading, self.disk.said(), self.lines.join("\n"));
        Ok(format!("### {heading}\n\n{disk}\n\n| what | measured | goal | |\n|---|---|---|---|\n{lines}\n"))
    }
}

/// A line whose figure says more than a number.
pub(crate) fn line(what: &str, measured: &str, goal: &str, met: bool) -> String {
    let mark = if met { "met" } else { "**missed**" };
    format!("| {what} | {measured} | {goal} | {mark} |")
}

const FLUSHES: usize = 50;
const PAGE: usize = 4_096;

/// What a durable write of one page costs without anything around it, where vaults are put.
#[derive(Default)]
pub(crate) struct Disk {
    /// The median of each series, in milliseconds.
    series: Vec<f64>,
}

impl Disk {
    /// One more series: 4 KiB each into a file that has its size already, as SQLite's log has while it is used again.
    pub(crate) fn measure(&mut self) -> anyhow::Result<()> {
        let mut file: File = tempfile::tempfile()?;
        file.write_all(&vec![7; FLUSHES * PAGE])?;
        file.sync_all()?;
        file.seek(SeekFrom::Start(0))?;
        let mut waits = Vec::with_capacity(FLUSHES);
        for _ in 0..FLUSHES {
            file.write_all(&[8; PAGE])?;
            let begun = Instant::now();
            file.sync_data()?;
            waits.push(begun.elapsed().as_secs_f64() * 1e3);
        }
        self.series.push(median(&mut waits));
        Ok(())
    }

    /// The median of the series so far, in milliseconds.
    pub(crate) fn flush_ms(&self) -> f64 {
        median(&mut self.series.clone())
    }

    fn said(&self) -> String {
        let series: Vec<_> = self.series.iter().map(|flush| format!("{flush:.2}")).collect();
        format!("One flush of 4 KiB meanwhile (medians of {FLUSHES}, in turn): {} ms.", series.join(", "))
    }
}

/// The middle of some figures; none is zero.
pub(crate) fn median(figures: &mut [f64]) -> f64 {
    figures.sort_by(f64::total_cmp);
    figures.get(figures.len() / 2).copied().unwrap_or_default()
}

/// A folder in memory, for what a disk would cost otherwise; none where the system has no such place.
pub(crate) fn folder_in_memory() -> Option<PathBuf> {
    Some(PathBuf::from("/dev/shm")).filter(|folder| folder.is_dir())
}
