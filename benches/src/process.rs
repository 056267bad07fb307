//! A server as a process: started, asked how much it used, ended.

use std::{
    fs,
    io::{BufRead as _, BufReader, Read as _, Seek as _, SeekFrom},
    net::SocketAddr,
    path::Path,
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

use anyhow::Context as _;

/// A running server; ended when dropped.
pub(crate) struct Server {
    child: Child,
    /// Where it listens.
    pub(crate) address: SocketAddr,
    /// How long from the start of the process until it said so.
    pub(crate) started_in: Duration,
}

impl Server {
    /// Starts it and waits for the line that names its address.
    pub(crate) fn start(command: &mut Command) -> anyhow::Result<Self> {
        let begun = Instant::now();
        let mut said = tempfile::tempfile()?;
        let mut child = command.stdout(Stdio::piped()).stderr(said.try_clone()?).stdin(Stdio::null()).spawn()?;
        let mut line = String::new();
        BufReader::new(child.stdout.take().context("its output")?).read_line(&mut line)?;
        let Some(address) = line.split("://").nth(1).and_then(|rest| rest.split('/').next()) else {
            child.wait()?;
            let mut why = String::new();
            said.seek(SeekFrom::Start(0))?;
            said.read_to_string(&mut why)?;
            anyhow::bail!("a server did not come up: {line}{why}");
        };
        Ok(Self { address: address.parse()?, child, started_in: begun.elapsed() })
    }

    /// Processor time used so far, user and system.
    pub(crate) fn cpu(&self) -> anyhow::Result<Duration> {
        let stat = fs::read_to_string(format!("/proc/{}/stat", self.child.id()))?;
        let fields: Vec<&str> = stat.rsplit(')').next().unwrap_or_default().split_whitespace().collect();
        let ticks: u64 =
            fields.get(11).context("utime")?.parse::<u64>()? + fields.get(12).context("stime")?.parse::<u64>()?;
        // USER_HZ is 100 on every Linux that this runs on.
        Ok(Duration::from_millis(ticks * 10))
    }

    /// The most memory it ever had, in MiB.
    pub(crate) fn peak_memory_mib(&self) -> anyhow::Result<f64> {
        let status = fs::read_to_string(format!("/proc/{}/status", self.child.id()))?;
        let line = status.lines().find(|line| line.starts_with("VmHWM")).context("VmHWM")?;
        let kib: f64 = line.split_whitespace().nth(1).context("a figure")?.parse()?;
        Ok(kib / 1024.0)
    }

    /// Waits until it does nothing any more, such as what a start brings with it.
    pub(crate) fn wait_until_idle(&self) -> anyhow::Result<()> {
        let mut idle = 0;
        while idle < 8 {
            let before = self.cpu()?;
            std::thread::sleep(Duration::from_millis(250));
            idle = if self.cpu()? > before + Duration::from_millis(10) { 0 } else { idle + 1 };
        }
        Ok(())
    }

    /// Ends it as a service manager would, and waits until it is gone.
    pub(crate) fn stop(mut self) -> anyhow::Result<()> {
        let id = i32::try_from(self.child.id())?;
        if let Some(process) = rustix::process::Pid::from_raw(id) {
            rustix::process::kill_process(process, rustix::process::Signal::TERM)?;
        }
        self.child.wait()?;
        Ok(())
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Bytes of all files in a folder.
pub(crate) fn folder_bytes(folder: &Path) -> anyhow::Result<u64> {
    let mut bytes = 0;
    for entry in fs::read_dir(folder)? {
        bytes += entry?.metadata()?.len();
    }
    Ok(bytes)
}
