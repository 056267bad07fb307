//! `Page`: documents and their frames, what they ask people, and their pictures.

use serde::{Deserialize, Serialize};

use super::command::command;

#[derive(Serialize)]
pub(crate) struct Enable {}
command!(Enable, "Page.enable");

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct AddScriptToEvaluateOnNewDocument<'a> {
    pub(crate) source: &'a str,
    /// `None` is the page's own.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) world_name: Option<&'a str>,
    /// Also in the document that is there.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub(crate) run_immediately: bool,
}
command!(AddScriptToEvaluateOnNewDocument<'a>, "Page.addScriptToEvaluateOnNewDocument");

#[derive(Serialize)]
pub(crate) struct SetInterceptFileChooserDialog {
    pub(crate) enabled: bool,
}
command!(SetInterceptFileChooserDialog, "Page.setInterceptFileChooserDialog");

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct HandleJavaScriptDialog<'a> {
    pub(crate) accept: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) prompt_text: Option<&'a str>,
}
command!(HandleJavaScriptDialog<'a>, "Page.handleJavaScriptDialog");

#[derive(Serialize)]
pub(crate) struct GetFrameTree {}
command!(GetFrameTree, "Page.getFrameTree", FrameTreeReply);

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct FrameTreeReply {
    pub(crate) frame_tree: FrameTree,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct FrameTree {
    pub(crate) frame: FrameInfo,
    #[serde(default)]
    pub(crate) child_frames: Vec<FrameTree>,
}

/// A frame and the document in it.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct FrameInfo {
    pub(crate) id: String,
    pub(crate) parent_id: Option<String>,
    pub(crate) loader_id: String,
    #[serde(default)]
    pub(crate) url: String,
    pub(crate) unreachable_url: Option<String>,
}

#[derive(Serialize)]
pub(crate) struct Navigate<'a> {
    pub(crate) url: &'a str,
}
command!(Navigate<'a>, "Page.navigate", Navigated);

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Navigated {
    /// Such as `net::ERR_CONNECTION_REFUSED`.
    pub(crate) error_text: Option<String>,
}

#[derive(Serialize)]
pub(crate) struct StopLoading {}
command!(StopLoading, "Page.stopLoading");

#[derive(Serialize)]
pub(crate) struct Reload {}
command!(Reload, "Page.reload");

#[derive(Serialize)]
pub(crate) struct GetNavigationHistory {}
command!(GetNavigationHistory, "Page.getNavigationHistory", NavigationHistory);

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct NavigationHistory {
    pub(crate) current_index: usize,
    pub(crate) entries: Vec<NavigationEntry>,
}

#[derive(Deserialize)]
pub(crate) struct NavigationEntry {
    pub(crate) id: i64,
    #[serde(default)]
    pub(crate) url: String,
    #[serde(default)]
    pub(crate) title: String,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct NavigateToHistoryEntry {
    pub(crate) entry_id: i64,
}
command!(NavigateToHistoryEntry, "Page.navigateToHistoryEntry");

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct CaptureScreenshot {
    /// `png` or `jpeg`.
    pub(crate) format: &'static str,
    /// 1 to 100.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) quality: Option<u8>,
    pub(crate) optimize_for_speed: bool,
}
command!(CaptureScreenshot, "Page.captureScreenshot", Captured);

#[derive(Deserialize)]
pub(crate) struct Captured {
    /// In base64.
    pub(crate) data: String,
}

/// Limits in pixels.
#[derive(Clone, Copy, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct StartScreencast {
    pub(crate) format: &'static str,
    /// 1 to 100.
    pub(crate) quality: u8,
    pub(crate) max_width: u32,
    pub(crate) max_height: u32,
    pub(crate) every_nth_frame: u32,
}
command!(StartScreencast, "Page.startScreencast");

#[derive(Serialize)]
pub(crate) struct StopScreencast {}
command!(StopScreencast, "Page.stopScreencast");

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ScreencastFrameAck {
    /// As the frame says; no session of this protocol.
    pub(crate) session_id: i64,
}
command!(ScreencastFrameAck, "Page.screencastFrameAck");

#[derive(Serialize)]
pub(crate) struct BringToFront {}
command!(BringToFront, "Page.bringToFront");

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct FrameAttached {
    pub(crate) frame_id: String,
    pub(crate) parent_frame_id: String,
}

#[derive(Deserialize)]
pub(crate) struct FrameNavigated {
    pub(crate) frame: FrameInfo,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct FrameDetached {
    pub(crate) frame_id: String,
    /// `remove`, or `swap` for one that moves to another process.
    #[serde(default)]
    pub(crate) reason: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct FrameStartedNavigating {
    pub(crate) frame_id: String,
    /// Such as `differentDocument` or `historySameDocument`.
    #[serde(default)]
    pub(crate) navigation_type: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct FrameStoppedLoading {
    pub(crate) frame_id: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct JavascriptDialogOpening {
    /// `alert`, `confirm`, `prompt` or `beforeunload`.
    #[serde(rename = "type")]
    pub(crate) kind: String,
    pub(crate) message: String,
    #[serde(default)]
    pub(crate) default_prompt: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct FileChooserOpened {
    /// `selectSingle` or `selectMultiple`.
    #[serde(default)]
    pub(crate) mode: String,
    pub(crate) backend_node_id: Option<i64>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ScreencastFrame<'a> {
    /// A JPEG in base64.
    pub(crate) data: &'a str,
    pub(crate) session_id: i64,
    pub(crate) metadata: ScreencastFrameMetadata,
}

/// In CSS pixels.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ScreencastFrameMetadata {
    pub(crate) device_width: f64,
    pub(crate) device_height: f64,
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::cdp::command::json_of;

    #[test]
    fn commands_have_the_protocols_form() {
        let inside =
            AddScriptToEvaluateOnNewDocument { source: "s", world_name: Some("inside"), run_immediately: true };
        let own = AddScriptToEvaluateOnNewDocument { source: "s", world_name: None, run_immediately: false };
        let jpeg = CaptureScreenshot { format: "jpeg", quality: Some(70), optimize_for_speed: true };
        let png = CaptureScreenshot { format: "png", quality: None, optimize_for_speed: true };
        let cast = StartScreencast { format: "jpeg", quality: 60, max_width: 1, max_height: 2, every_nth_frame: 1 };
        let add = "Page.addScriptToEvaluateOnNewDocument";
        for ((method, found), expected_method, expected) in [
            (json_of(&Enable {}), "Page.enable", json!({})),
            (json_of(&inside), add, json!({"source": "s", "worldName": "inside", "runImmediately": true})),
            (json_of(&own), add, json!({"source": "s"})),
            (
                json_of(&SetInterceptFileChooserDialog { enabled: true }),
                "Page.setInterceptFileChooserDialog",
                json!({"enabled": true}),
            ),
            (json_of(&GetFrameTree {}), "Page.getFrameTree", json!({})),
            (json_of(&Navigate { url: "u" }), "Page.navigate", json!({"url": "u"})),
            (json_of(&StopLoading {}), "Page.stopLoading", json!({})),
            (json_of(&Reload {}), "Page.reload", json!({})),
            (json_of(&GetNavigationHistory {}), "Page.getNavigationHistory", json!({})),
            (json_of(&NavigateToHistoryEntry { entry_id: 4 }), "Page.navigateToHistoryEntry", json!({"entryId": 4})),
            (
                json_of(&jpeg),
                "Page.captureScreenshot",
                json!({"format": "jpeg", "quality": 70, "optimizeForSpeed": true}),
            ),
            (json_of(&png), "Page.captureScreenshot", json!({"format": "png", "optimizeForSpeed": true})),
            (
                json_of(&cast),
                "Page.startScreencast",
                json!({"format": "jpeg", "quality": 60, "maxWidth": 1, "maxHeight": 2, "everyNthFrame": 1}),
            ),
            (json_of(&StopScreencast {}), "Page.stopScreencast", json!({})),
            (json_of(&ScreencastFrameAck { session_id: 3 }), "Page.screencastFrameAck", json!({"sessionId": 3})),
            (json_of(&BringToFront {}), "Page.bringToFront", json!({})),
        ] {
            assert_eq!((method, found), (expected_method, expected));
        }
    }

    #[test]
    fn a_dialog_is_answered_with_text_only_where_there_is_some() {
        for (text, expected) in
            [(None, json!({"accept": true})), (Some("a"), json!({"accept": true, "promptText": "a"}))]
        {
            let answer = HandleJavaScriptDialog { accept: true, prompt_text: text };
            assert_eq!(json_of(&answer), ("Page.handleJavaScriptDialog", expected));
        }
    }

    #[test]
    fn replies_are_read_by_what_is_used_of_them() {
        let tree: FrameTreeReply = serde_json::from_value(json!({"frameTree": {
            "frame": {"id": "a", "loaderId": "l", "url": "https://a.example/", "mimeType": "text/html"},
            "childFrames": [{"frame": {"id": "b", "parentId": "a", "loaderId": "m", "unreachableUrl": "u"}}],
        }}))
        .unwrap();
        let child = &tree.frame_tree.child_frames[0].frame;
        assert_eq!((child.parent_id.as_deref(), child.unreachable_url.as_deref()), (Some("a"), Some("u")));
        let shown: Navigated = serde_json::from_value(json!({"frameId": "a", "loaderId": "l"})).unwrap();
        assert_eq!(shown.error_text, None);
    }
}
