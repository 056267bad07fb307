//! The clipboard: by a program of the desktop where one is there, else by the terminal (OSC 52).

use std::{
    io::{self, IsTerminal as _, Write as _},
    process::Stdio,
    time::Duration,
};

use tokio::{io::AsyncWriteExt as _, process::Command, time::timeout};

/// A program that holds what is copied, and how it is asked. What is copied goes through its standard input, so that it
/// stands in no list of processes.
struct Tool {
    name: &'static str,
    /// The variable without which it has no clipboard to speak to; empty for none.
    needs: &'static str,
    copy: &'static [&'static str],
    /// Another name for what reads the clipboard, where it is another program.
    reader: &'static str,
    paste: &'static [&'static str],
}

const TOOLS: [Tool; 4] = [
    Tool { name: "wl-copy", needs: "WAYLAND_DISPLAY", copy: &[], reader: "wl-paste", paste: &["--no-newline"] },
    Tool {
        name: "xclip",
        needs: "DISPLAY",
        copy: &["-selection", "clipboard", "-in"],
        reader: "xclip",
        paste: &["-selection", "clipboard", "-out"],
    },
    Tool {
        name: "xsel",
        needs: "DISPLAY",
        copy: &["--clipboard", "--input"],
        reader: "xsel",
        paste: &["--clipboard", "--output"],
    },
    Tool { name: "pbcopy", needs: "", copy: &[], reader: "pbpaste", paste: &[] },
];

/// A program that hangs keeps nobody waiting for longer.
const LONGEST: Duration = Duration::from_secs(3);

/// A way to a clipboard.
pub(crate) struct Clipboard {
    way: Way,
}

enum Way {
    Tool(&'static Tool),
    Terminal,
}

impl Clipboard {
    /// The clipboard of who sits here. Nothing is copied yet.
    pub(crate) fn find() -> anyhow::Result<Self> {
        let is_set = |name: &str| name.is_empty() || std::env::var_os(name).is_some_and(|value| !value.is_empty());
        let usable = |tool: &&Tool| is_set(tool.needs) && is_there(tool.name) && (!tool.needs.is_empty() || is_here());
        let way = match TOOLS.iter().find(usable) {
            Some(tool) => Way::Tool(tool),
            None if terminal().is_some() => Way::Terminal,
            None => anyhow::bail!(
                "there is no clipboard here: neither a terminal, nor wl-copy, xclip, xsel or pbcopy with a desktop to copy to"
            ),
        };
        Ok(Self { way })
    }

    /// What copies, in words.
    pub(crate) const fn named(&self) -> &'static str {
        match self.way {
            Way::Tool(tool) => tool.name,
            Way::Terminal => "the terminal (OSC 52)",
        }
    }

    pub(crate) async fn copy(&self, text: &str) -> anyhow::Result<()> {
        match self.way {
            Way::Tool(tool) => feed(tool, text).await,
            Way::Terminal => Ok(tell_terminal(&data_encoding::BASE64.encode(text.as_bytes()))?),
        }
    }

    /// Empties the clipboard, unless it can be read and holds something else by now. Says whether it did.
    pub(crate) async fn clear(&self, text: &str) -> anyhow::Result<bool> {
        let Way::Tool(tool) = self.way else {
            // Few terminals let programs read.
            tell_terminal("")?;
            return Ok(true);
        };
        if read(tool).await.is_some_and(|held| held.trim_end_matches('\n') != text) {
            return Ok(false);
        }
        feed(tool, "").await?;
        Ok(true)
    }
}

/// Whether this machine is the one that somebody sits at, as far as can be told.
fn is_here() -> bool {
    std::env::var_os("SSH_CONNECTION").is_none()
}

fn is_there(program: &str) -> bool {
    let folders = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&folders).any(|folder| folder.join(program).is_file())
}

fn command(program: &str, args: &[&str]) -> Command {
    let mut command = Command::new(program);
    command.args(args).env_remove("COUNTERSIGN_TOKEN").kill_on_drop(true);
    command
}

async fn feed(tool: &Tool, text: &str) -> anyhow::Result<()> {
    let fed = async {
        // What holds an X11 or Wayland selection stays, and would keep these open.
        let mut started =
            command(tool.name, tool.copy).stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null()).spawn()?;
        if let Some(mut input) = started.stdin.take() {
            input.write_all(text.as_bytes()).await?;
            input.shutdown().await?;
        }
        started.wait().await
    };
    let ended = timeout(LONGEST, fed).await;
    let why = match ended {
        Ok(Ok(status)) if status.success() => return Ok(()),
        Ok(Ok(status)) => status.to_string(),
        Ok(Err(error)) => error.to_string(),
        Err(_) => "it does not end".to_owned(),
    };
    anyhow::bail!("{} does not take the token for the clipboard ({why}): is the desktop reached from here?", tool.name)
}

/// What the clipboard holds, where that can be read.
async fn read(tool: &Tool) -> Option<String> {
    let pasted = command(tool.reader, tool.paste).stdin(Stdio::null()).stderr(Stdio::null()).output();
    let output = timeout(LONGEST, pasted).await.ok()?.ok()?;
    let text = output.status.success().then_some(output.stdout)?;
    String::from_utf8(text).ok()
}

/// The terminal, if standard error or output is one.
fn terminal() -> Option<Box<dyn io::Write>> {
    if io::stderr().is_terminal() {
        return Some(Box::new(io::stderr()));
    }
    io::stdout().is_terminal().then(|| Box::new(io::stdout()) as Box<dyn io::Write>)
}

fn tell_terminal(content: &str) -> io::Result<()> {
    let Some(mut out) = terminal() else { return Err(io::Error::other("the terminal is gone")) };
    write!(out, "\x1b]52;c;{content}\x07")?;
    out.flush()
}
