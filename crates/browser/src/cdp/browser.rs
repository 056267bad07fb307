//! `Browser`: the program, its windows and downloads.

use serde::{Deserialize, Serialize};

use super::command::command;

#[derive(Serialize)]
pub(crate) struct GetVersion {}
command!(GetVersion, "Browser.getVersion", Version);

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Version {
    pub(crate) product: String,
    pub(crate) user_agent: String,
}

/// Where the downloads of a context go; events tell of them either way.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct SetDownloadBehavior<'a> {
    behavior: &'static str,
    browser_context_id: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    download_path: Option<&'a str>,
    events_enabled: bool,
}
command!(SetDownloadBehavior<'a>, "Browser.setDownloadBehavior");

impl<'a> SetDownloadBehavior<'a> {
    pub(crate) const fn deny(context: &'a str) -> Self {
        Self { behavior: "deny", browser_context_id: context, download_path: None, events_enabled: true }
    }

    /// Each file under a name that Chromium makes up.
    pub(crate) const fn into_folder(context: &'a str, folder: &'a str) -> Self {
        Self {
            behavior: "allowAndName",
            browser_context_id: context,
            download_path: Some(folder),
            events_enabled: true,
        }
    }
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct CancelDownload<'a> {
    pub(crate) guid: &'a str,
    pub(crate) browser_context_id: &'a str,
}
command!(CancelDownload<'a>, "Browser.cancelDownload");

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct GetWindowForTarget<'a> {
    pub(crate) target_id: &'a str,
}
command!(GetWindowForTarget<'a>, "Browser.getWindowForTarget", Window);

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Window {
    pub(crate) window_id: i64,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct SetWindowBounds {
    pub(crate) window_id: i64,
    pub(crate) bounds: WindowPlace,
}
command!(SetWindowBounds, "Browser.setWindowBounds");

/// Of the window's upper left corner, in CSS pixels over all screens.
#[derive(Serialize)]
pub(crate) struct WindowPlace {
    pub(crate) left: i32,
    pub(crate) top: i32,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct DownloadWillBegin {
    pub(crate) frame_id: String,
    pub(crate) guid: String,
    pub(crate) suggested_filename: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct DownloadProgress {
    pub(crate) guid: String,
    pub(crate) total_bytes: f64,
    pub(crate) received_bytes: f64,
    /// `inProgress`, `completed` or `canceled`.
    pub(crate) state: String,
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::cdp::command::json_of;

    #[test]
    fn commands_have_the_protocols_form() {
        let deny = json!({"behavior": "deny", "browserContextId": "c", "eventsEnabled": true});
        let allow = json!({
            "behavior": "allowAndName", "browserContextId": "c", "downloadPath": "/f", "eventsEnabled": true,
        });
        let bounds = SetWindowBounds { window_id: 3, bounds: WindowPlace { left: 10_000, top: 20 } };
        for ((method, found), expected_method, expected) in [
            (json_of(&GetVersion {}), "Browser.getVersion", json!({})),
            (json_of(&SetDownloadBehavior::deny("c")), "Browser.setDownloadBehavior", deny),
            (json_of(&SetDownloadBehavior::into_folder("c", "/f")), "Browser.setDownloadBehavior", allow),
            (
                json_of(&CancelDownload { guid: "g", browser_context_id: "c" }),
                "Browser.cancelDownload",
                json!({"guid": "g", "browserContextId": "c"}),
            ),
            (json_of(&GetWindowForTarget { target_id: "t" }), "Browser.getWindowForTarget", json!({"targetId": "t"})),
            (
                json_of(&bounds),
                "Browser.setWindowBounds",
                json!({"windowId": 3, "bounds": {"left": 10_000, "top": 20}}),
            ),
        ] {
            assert_eq!((method, found), (expected_method, expected));
        }
    }
}
