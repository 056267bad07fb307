//! Reads changed samples of every format for as long as is said: `cargo run -p countersign-transfer --example soak -- SECONDS [SEED]`.
//!
//! What goes wrong is told with the seed that makes it again, and the file is put beside the program, in the folder `soak-findings`. At the end it
//! says how many files were read, which took longest, and how much memory was held at the most.

#![expect(clippy::print_stdout, reason = "its answer is what it prints")]

#[path = "../tests/mutated/mod.rs"]
mod mutated;

use std::error::Error;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::{Duration, Instant};

use mutated::{Chance, Sample, changed, changed_within, check, samples};

/// More for one file is told.
const LONG: Duration = Duration::from_secs(5);

/// What was found so far.
#[derive(Default)]
struct Soak {
    files: u64,
    failures: u64,
    slowest: Duration,
    slowest_of: String,
}

fn main() -> Result<ExitCode, Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let seconds: u64 = arguments.next().ok_or("for how many seconds?")?.parse()?;
    let mut seed: u64 = arguments.next().map_or(Ok(1), |seed| seed.parse())?;
    let samples = samples()?;
    let end = Instant::now() + Duration::from_secs(seconds);
    let mut soak = Soak::default();
    while Instant::now() < end {
        soak.try_one(&samples, seed)?;
        seed = seed.wrapping_add(1);
    }
    let Soak { files, failures, slowest, slowest_of } = soak;
    println!("{files} files read, {failures} wrong; {slowest_of} took longest, {} ms", slowest.as_millis());
    println!("at the most {} held; the next seed is {seed}", peak().unwrap_or_else(|| "an unknown size".to_owned()));
    Ok(if failures == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

impl Soak {
    fn try_one(&mut self, samples: &[Sample], seed: u64) -> Result<(), Box<dyn Error>> {
        let mut chance = Chance(seed);
        let sample = &samples[chance.below(samples.len())];
        let other = &samples[chance.below(samples.len())];
        let within = if chance.below(2) == 0 { changed_within(&mut chance, &sample.bytes, &other.bytes) } else { None };
        let bytes = within.unwrap_or_else(|| changed(&mut chance, &sample.bytes, &other.bytes));
        // What a change has made dear takes seconds: seldom.
        let one_in = if sample.is_costly { 400 } else { 6 };
        let password = sample.password.filter(|_| chance.below(one_in) == 0);
        let begin = time();
        let outcome = catch_unwind(AssertUnwindSafe(|| check(&sample.name, &bytes, password).map(drop)));
        let took = time().saturating_sub(begin);
        self.files += 1;
        let what =
            format!("{}, seed {seed}{}", sample.name, if password.is_some() { ", with its password" } else { "" });
        if took > self.slowest {
            (self.slowest, self.slowest_of) = (took, what.clone());
        }
        let problem = match outcome {
            Err(_) => "it panicked".to_owned(),
            Ok(Err(problem)) => problem,
            Ok(Ok(())) if took > LONG && password.is_none() => format!("it took {} ms", took.as_millis()),
            Ok(Ok(())) => return Ok(()),
        };
        self.failures += 1;
        let folder = folder()?;
        let file = folder.join(format!("{seed}-{}", sample.name));
        std::fs::write(&file, &bytes)?;
        println!("{what}: {problem}; {}", file.display());
        Ok(())
    }
}

/// The time that this thread has had a processor, as Linux counts it: on a machine with much else to do, a clock says nothing.
fn time() -> Duration {
    let counted = std::fs::read_to_string("/proc/thread-self/schedstat").ok();
    let nanoseconds = counted.as_deref().and_then(|text| text.split(' ').next()?.parse().ok());
    nanoseconds.map_or(Duration::ZERO, Duration::from_nanos)
}

fn folder() -> Result<PathBuf, Box<dyn Error>> {
    let folder = std::env::current_exe()?.with_file_name("soak-findings");
    std::fs::create_dir_all(&folder)?;
    Ok(folder)
}

/// The most memory that this process has held, as Linux counts it.
fn peak() -> Option<String> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    status.lines().find_map(|line| line.strip_prefix("VmHWM:")).map(|size| size.trim().to_owned())
}
