//! `Target`: contexts, tabs, frames with processes of their own, workers.

use serde::{Deserialize, Serialize};

use super::command::command;

/// The kinds of workers that one attaches oneself to.
const WORKERS: [&str; 3] = ["worker", "shared_worker", "service_worker"];

/// Attaches to what comes to be; it waits for us to let it run.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct SetAutoAttach {
    auto_attach: bool,
    wait_for_debugger_on_start: bool,
    flatten: bool,
    filter: Vec<FilterEntry>,
}
command!(SetAutoAttach, "Target.setAutoAttach");

#[derive(Serialize)]
#[serde(untagged)]
enum FilterEntry {
    Kind {
        #[serde(rename = "type")]
        kind: &'static str,
    },
    Rest {
        exclude: bool,
    },
}

impl SetAutoAttach {
    /// To targets of those kinds, and to every kind of worker.
    pub(crate) fn with_workers(kinds: &[&'static str]) -> Self {
        let wanted = kinds.iter().chain(&WORKERS).map(|kind| FilterEntry::Kind { kind });
        let filter = wanted.chain([FilterEntry::Rest { exclude: true }]).collect();
        Self { auto_attach: true, wait_for_debugger_on_start: true, flatten: true, filter }
    }
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct CreateBrowserContext<'a> {
    pub(crate) dispose_on_detach: bool,
    pub(crate) proxy_server: &'a str,
    pub(crate) proxy_bypass_list: &'a str,
}
command!(CreateBrowserContext<'a>, "Target.createBrowserContext", CreatedContext);

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct CreatedContext {
    pub(crate) browser_context_id: String,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct DisposeBrowserContext<'a> {
    pub(crate) browser_context_id: &'a str,
}
command!(DisposeBrowserContext<'a>, "Target.disposeBrowserContext");

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct CreateTarget<'a> {
    pub(crate) url: &'a str,
    pub(crate) browser_context_id: &'a str,
}
command!(CreateTarget<'a>, "Target.createTarget", CreatedTarget);

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct CreatedTarget {
    pub(crate) target_id: String,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct CloseTarget<'a> {
    pub(crate) target_id: &'a str,
}
command!(CloseTarget<'a>, "Target.closeTarget");

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct AttachedToTarget {
    pub(crate) session_id: String,
    pub(crate) target_info: TargetInfo,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct TargetInfo {
    pub(crate) target_id: String,
    /// Such as `page`, `iframe` or `worker`.
    #[serde(rename = "type")]
    pub(crate) kind: String,
    pub(crate) browser_context_id: Option<String>,
    pub(crate) opener_id: Option<String>,
}

impl TargetInfo {
    pub(crate) fn is_worker(&self) -> bool {
        WORKERS.contains(&self.kind.as_str())
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct DetachedFromTarget {
    pub(crate) session_id: String,
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::cdp::command::json_of;

    #[test]
    fn commands_have_the_protocols_form() {
        let make = CreateBrowserContext {
            dispose_on_detach: true,
            proxy_server: "socks5://127.0.0.1:1",
            proxy_bypass_list: "<-loopback>",
        };
        let filter = json!([
            {"type": "page"}, {"type": "worker"}, {"type": "shared_worker"}, {"type": "service_worker"},
            {"exclude": true},
        ]);
        for ((method, found), expected_method, expected) in [
            (
                json_of(&SetAutoAttach::with_workers(&["page"])),
                "Target.setAutoAttach",
                json!({"autoAttach": true, "waitForDebuggerOnStart": true, "flatten": true, "filter": filter}),
            ),
            (
                json_of(&make),
                "Target.createBrowserContext",
                json!({
                    "disposeOnDetach": true, "proxyServer": "socks5://127.0.0.1:1", "proxyBypassList": "<-loopback>",
                }),
            ),
            (
                json_of(&DisposeBrowserContext { browser_context_id: "c" }),
                "Target.disposeBrowserContext",
                json!({"browserContextId": "c"}),
            ),
            (
                json_of(&CreateTarget { url: "about:blank", browser_context_id: "c" }),
                "Target.createTarget",
                json!({"url": "about:blank", "browserContextId": "c"}),
            ),
            (json_of(&CloseTarget { target_id: "t" }), "Target.closeTarget", json!({"targetId": "t"})),
        ] {
            assert_eq!((method, found), (expected_method, expected));
        }
    }
}
