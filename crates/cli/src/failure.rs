//! Why a command ended otherwise than wanted, and with which exit code.

use std::process::ExitCode;

use serde::Deserialize;

use crate::output;

/// A problem document as the server sends it.
#[derive(Debug, Deserialize)]
pub(crate) struct Problem {
    #[serde(rename = "type")]
    pub(crate) kind: String,
    pub(crate) detail: String,
    pub(crate) hint: Option<String>,
    pub(crate) retry_after_seconds: Option<u64>,
    /// The name of the credential that was asked for, where one was named.
    #[serde(skip)]
    pub(crate) asked: Option<String>,
}

impl std::fmt::Display for Problem {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.detail)
    }
}

impl std::error::Error for Problem {}

impl Problem {
    /// The last part of its type.
    pub(crate) fn name(&self) -> &str {
        self.kind.rsplit(':').next().unwrap_or_default()
    }

    fn exit_code(&self) -> u8 {
        match self.name() {
            "denied"
            | "scope-needed"
            | "recent-sign-in-needed"
            | "page-only"
            | "not-signed-in"
            | "sign-in-failed"
            | "locked-out"
            | "rate-limited"
            | "second-factor-enrolment-needed"
            | "export-approval-needed" => 3,
            "not-found" => 4,
            _ => 1,
        }
    }
}

/// A command line that cannot be carried out as it is.
#[derive(Debug)]
pub(crate) struct Usage(pub(crate) String);

impl std::fmt::Display for Usage {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Usage {}

/// Tells what went wrong and gives the exit code.
pub(crate) fn report(error: &anyhow::Error, json: bool) -> ExitCode {
    let problem = error.downcast_ref::<Problem>();
    let usual = if error.downcast_ref::<Usage>().is_some() { 2 } else { 1 };
    let code = problem.map_or(usual, Problem::exit_code);
    let hint = problem.and_then(|problem| problem.hint.as_deref());
    let text = text(error);
    if json {
        let kind = problem.map_or("urn:countersign:problem:failed", |problem| problem.kind.as_str());
        output::note(serde_json::json!({"error": {"type": kind, "detail": text, "hint": hint}}));
    } else {
        output::note(format!("error: {text}"));
        if let Some(hint) = hint {
            output::note(format!("hint: {hint}"));
        }
    }
    ExitCode::from(code)
}

/// The error and its causes, without those whose words are in the text already.
pub(crate) fn text(error: &anyhow::Error) -> String {
    error.chain().map(ToString::to_string).fold(String::new(), |text, cause| match text {
        text if text.is_empty() => cause,
        text if text.contains(&cause) => text,
        text => format!("{text}: {cause}"),
    })
}
