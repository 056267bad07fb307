use serde::Deserialize;
use serde_json::value::RawValue;

use super::{
    browser::{DownloadProgress, DownloadWillBegin},
    fetch::{AuthRequired, RequestPaused},
    network::{LoadingEnded, RequestWillBeSent, ResponseReceived, ResponseReceivedExtraInfo, WebSocket},
    page::{
        FileChooserOpened, FrameAttached, FrameDetached, FrameNavigated, FrameStartedNavigating, FrameStoppedLoading,
        JavascriptDialogOpening, ScreencastFrame,
    },
    runtime::{BindingCalled, ExecutionContextCreated, ExecutionContextDestroyed},
    security::VisibleSecurityStateChanged,
    target::{AttachedToTarget, DetachedFromTarget},
};

/// What Chromium tells by itself. Some of it is what a page holds and sends, so it has no `Debug`.
pub(crate) enum Event<'a> {
    DownloadWillBegin(DownloadWillBegin),
    DownloadProgress(DownloadProgress),

    AuthRequired(AuthRequired),
    RequestPaused(RequestPaused),

    RequestWillBeSent(RequestWillBeSent),
    ResponseReceived(ResponseReceived),
    ResponseReceivedExtraInfo(ResponseReceivedExtraInfo<'a>),
    /// A request was answered whole, or failed.
    LoadingEnded(LoadingEnded),
    /// A WebSocket was opened, or something was sent over it.
    WebSocketAsked(WebSocket),
    /// Something came over a WebSocket.
    WebSocketAnswered(WebSocket),
    WebSocketClosed(WebSocket),

    FrameAttached(FrameAttached),
    FrameNavigated(FrameNavigated),
    FrameDetached(FrameDetached),
    FrameStartedNavigating(FrameStartedNavigating),
    FrameStoppedLoading(FrameStoppedLoading),
    NavigatedWithinDocument,
    LoadEventFired,
    JavascriptDialogOpening(JavascriptDialogOpening),
    JavascriptDialogClosed,
    FileChooserOpened(FileChooserOpened),
    ScreencastFrame(ScreencastFrame<'a>),

    ExecutionContextCreated(ExecutionContextCreated),
    ExecutionContextDestroyed(ExecutionContextDestroyed),
    ExecutionContextsCleared,
    BindingCalled(BindingCalled),

    VisibleSecurityStateChanged(VisibleSecurityStateChanged),
    TargetCrashed,

    AttachedToTarget(AttachedToTarget),
    DetachedFromTarget(DetachedFromTarget),
}

impl<'a> Event<'a> {
    /// `None` for what means nothing here, and, with a line in the log, for what cannot be read.
    pub(crate) fn parse(method: &str, params: &'a RawValue) -> Option<Self> {
        Some(match method.split_once('.')? {
            ("Browser", "downloadWillBegin") => Self::DownloadWillBegin(read(method, params)?),
            ("Browser", "downloadProgress") => Self::DownloadProgress(read(method, params)?),
            ("Fetch", "authRequired") => Self::AuthRequired(read(method, params)?),
            ("Fetch", "requestPaused") => Self::RequestPaused(read(method, params)?),
            ("Inspector", "targetCrashed") => Self::TargetCrashed,
            ("Network", name) => return Self::of_network(method, name, params),
            ("Page", name) => return Self::of_page(method, name, params),
            ("Runtime", "executionContextCreated") => Self::ExecutionContextCreated(read(method, params)?),
            ("Runtime", "executionContextDestroyed") => Self::ExecutionContextDestroyed(read(method, params)?),
            ("Runtime", "executionContextsCleared") => Self::ExecutionContextsCleared,
            ("Runtime", "bindingCalled") => Self::BindingCalled(read(method, params)?),
            ("Security", "visibleSecurityStateChanged") => Self::VisibleSecurityStateChanged(read(method, params)?),
            ("Target", "attachedToTarget") => Self::AttachedToTarget(read(method, params)?),
            ("Target", "detachedFromTarget") => Self::DetachedFromTarget(read(method, params)?),
            _ => return None,
        })
    }

    fn of_network(method: &str, name: &str, params: &'a RawValue) -> Option<Self> {
        Some(match name {
            "requestWillBeSent" => Self::RequestWillBeSent(read(method, params)?),
            "responseReceived" => Self::ResponseReceived(read(method, params)?),
            "responseReceivedExtraInfo" => Self::ResponseReceivedExtraInfo(read(method, params)?),
            "loadingFinished" | "loadingFailed" => Self::LoadingEnded(read(method, params)?),
            "webSocketCreated" | "webSocketFrameSent" => Self::WebSocketAsked(read(method, params)?),
            "webSocketFrameReceived" => Self::WebSocketAnswered(read(method, params)?),
            "webSocketClosed" => Self::WebSocketClosed(read(method, params)?),
            _ => return None,
        })
    }

    fn of_page(method: &str, name: &str, params: &'a RawValue) -> Option<Self> {
        Some(match name {
            "frameAttached" => Self::FrameAttached(read(method, params)?),
            "frameNavigated" => Self::FrameNavigated(read(method, params)?),
            "frameDetached" => Self::FrameDetached(read(method, params)?),
            "frameStartedNavigating" => Self::FrameStartedNavigating(read(method, params)?),
            "frameStoppedLoading" => Self::FrameStoppedLoading(read(method, params)?),
            "navigatedWithinDocument" => Self::NavigatedWithinDocument,
            "loadEventFired" => Self::LoadEventFired,
            "javascriptDialogOpening" => Self::JavascriptDialogOpening(read(method, params)?),
            "javascriptDialogClosed" => Self::JavascriptDialogClosed,
            "fileChooserOpened" => Self::FileChooserOpened(read(method, params)?),
            "screencastFrame" => Self::ScreencastFrame(read(method, params)?),
            _ => return None,
        })
    }
}

fn read<'a, T: Deserialize<'a>>(method: &str, params: &'a RawValue) -> Option<T> {
    serde_json::from_str(params.get())
        .inspect_err(|error| tracing::debug!(method, %error, "an event of Chromium could not be read"))
        .ok()
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn raw(params: &Value) -> Box<RawValue> {
        serde_json::value::to_raw_value(params).unwrap()
    }

    /// What an event was read as, with what is used of it.
    fn said(event: &Event<'_>) -> String {
        match event {
            Event::DownloadWillBegin(it) => {
                format!("download {} {} {}", it.frame_id, it.guid, it.suggested_filename)
            }
            Event::DownloadProgress(it) => {
                format!("progress {} {} {} {}", it.guid, it.received_bytes, it.total_bytes, it.state)
            }
            Event::AuthRequired(it) => {
                let asked = &it.auth_challenge;
                let of = (&it.request_id, &it.frame_id, &it.resource_type);
                format!("auth {of:?} {} {} {}", asked.source, asked.origin, asked.scheme)
            }
            Event::RequestPaused(it) => format!("paused {} {} {}", it.request_id, it.frame_id, it.request.url),
            Event::RequestWillBeSent(it) => {
                let of = (&it.request_id, &it.loader_id, &it.frame_id, &it.kind, &it.document_url);
                format!("asks {of:?} {} {}", it.request.method, it.request.url)
            }
            Event::ResponseReceived(it) => {
                let of = (&it.request_id, &it.loader_id, &it.frame_id, &it.kind);
                format!("answer {of:?} {} {:?}", it.response.status, it.response.headers)
            }
            Event::ResponseReceivedExtraInfo(it) => {
                format!("answer {} {} {:?}", it.request_id, it.status_code, it.header("www-authenticate"))
            }
            Event::LoadingEnded(it) => format!("ended {} {} {}", it.request_id, it.kind, it.error_text),
            Event::WebSocketAsked(it) => format!("socket asks {}", it.request_id),
            Event::WebSocketAnswered(it) => format!("socket answers {}", it.request_id),
            Event::WebSocketClosed(it) => format!("socket closed {}", it.request_id),
            other => said_of_pages(other),
        }
    }

    fn said_of_pages(event: &Event<'_>) -> String {
        match event {
            Event::FrameAttached(it) => format!("frame {} in {}", it.frame_id, it.parent_frame_id),
            Event::FrameNavigated(it) => {
                let frame = &it.frame;
                let of = (&frame.id, &frame.parent_id, &frame.loader_id, &frame.url, &frame.unreachable_url);
                format!("shows {of:?}")
            }
            Event::FrameDetached(it) => format!("frame {} goes {}", it.frame_id, it.reason),
            Event::FrameStartedNavigating(it) => format!("frame {} leaves {}", it.frame_id, it.navigation_type),
            Event::FrameStoppedLoading(it) => format!("frame {} stopped", it.frame_id),
            Event::NavigatedWithinDocument => "moved within".into(),
            Event::LoadEventFired => "loaded".into(),
            Event::JavascriptDialogOpening(it) => {
                format!("dialog {} {} {:?}", it.kind, it.message, it.default_prompt)
            }
            Event::JavascriptDialogClosed => "dialog closed".into(),
            Event::FileChooserOpened(it) => format!("files {} {:?}", it.mode, it.backend_node_id),
            Event::ScreencastFrame(it) => {
                let size = (it.metadata.device_width, it.metadata.device_height);
                format!("frame {} {} {size:?}", it.session_id, it.data)
            }
            Event::ExecutionContextCreated(it) => {
                let world = &it.context;
                format!("world {} {} {} {}", world.id, world.name, world.origin, world.aux_data.frame_id)
            }
            Event::ExecutionContextDestroyed(it) => format!("world {} gone", it.execution_context_id),
            Event::ExecutionContextsCleared => "worlds gone".into(),
            Event::BindingCalled(it) => format!("told {} {} {}", it.name, it.payload, it.execution_context_id),
            Event::VisibleSecurityStateChanged(it) => format!("certificate {:?}", it.certificate()),
            Event::TargetCrashed => "crashed".into(),
            Event::AttachedToTarget(it) => {
                let target = &it.target_info;
                let of = (&target.target_id, &target.kind, &target.browser_context_id, &target.opener_id);
                format!("attached {} {of:?} {}", it.session_id, target.is_worker())
            }
            Event::DetachedFromTarget(it) => format!("detached {}", it.session_id),
            _ => "an event of requests".into(),
        }
    }

    fn reads(table: &[(&str, Value, &str)]) {
        for (method, params, expected) in table {
            let params = raw(params);
            let event = Event::parse(method, &params).map(|event| said(&event));
            assert_eq!(event.as_deref(), Some(*expected), "{method}");
        }
    }

    #[test]
    fn events_of_documents_are_read() {
        reads(&[
            ("Page.frameAttached", json!({"frameId": "b", "parentFrameId": "a", "stack": {}}), "frame b in a"),
            (
                "Page.frameNavigated",
                json!({"frame": {"id": "a", "loaderId": "l", "url": "https://a.example/", "mimeType": "text/html"}}),
                r#"shows ("a", None, "l", "https://a.example/", None)"#,
            ),
            (
                "Page.frameNavigated",
                json!({"frame": {"id": "b", "parentId": "a", "loaderId": "l", "unreachableUrl": "u"}}),
                r#"shows ("b", Some("a"), "l", "", Some("u"))"#,
            ),
            ("Page.frameDetached", json!({"frameId": "b", "reason": "swap"}), "frame b goes swap"),
            (
                "Page.frameStartedNavigating",
                json!({"frameId": "a", "url": "u", "loaderId": "l", "navigationType": "reload"}),
                "frame a leaves reload",
            ),
            ("Page.frameStoppedLoading", json!({"frameId": "a"}), "frame a stopped"),
            ("Page.navigatedWithinDocument", json!({"frameId": "a", "url": "u"}), "moved within"),
            ("Page.loadEventFired", json!({"timestamp": 1.5}), "loaded"),
            (
                "Page.javascriptDialogOpening",
                json!({"url": "u", "type": "prompt", "message": "m", "hasBrowserHandler": false, "defaultPrompt": "d"}),
                r#"dialog prompt m "d""#,
            ),
            (
                "Page.javascriptDialogOpening",
                json!({"url": "u", "type": "alert", "message": "m"}),
                r#"dialog alert m """#,
            ),
            ("Page.javascriptDialogClosed", json!({"result": true, "userInput": ""}), "dialog closed"),
            (
                "Page.fileChooserOpened",
                json!({"frameId": "a", "mode": "selectMultiple", "backendNodeId": 3}),
                "files selectMultiple Some(3)",
            ),
            (
                "Page.screencastFrame",
                json!({"data": "AA==", "sessionId": 4, "metadata": {"deviceWidth": 8, "deviceHeight": 6.5}}),
                "frame 4 AA== (8.0, 6.5)",
            ),
        ]);
    }

    #[test]
    fn events_of_requests_are_read() {
        reads(&[
            (
                "Network.requestWillBeSent",
                json!({
                    "requestId": "r", "loaderId": "l", "frameId": "a", "type": "XHR", "documentURL": "d",
                    "request": {"url": "u", "method": "POST", "headers": {}},
                }),
                r#"asks ("r", "l", Some("a"), "XHR", "d") POST u"#,
            ),
            (
                "Network.requestWillBeSent",
                json!({"requestId": "r", "loaderId": "l", "request": {"url": "u", "method": "GET"}}),
                r#"asks ("r", "l", None, "", "") GET u"#,
            ),
            (
                "Network.responseReceived",
                json!({
                    "requestId": "r", "loaderId": "l", "frameId": "a", "type": "Document",
                    "response": {"status": 200, "headers": {"Age": "3"}, "responseTime": 5.5},
                }),
                r#"answer ("r", "l", Some("a"), "Document") 200 {"Age": "3"}"#,
            ),
            (
                "Network.responseReceivedExtraInfo",
                json!({"requestId": "r", "statusCode": 401, "headers": {"WWW-Authenticate": "Basic", "Set-Cookie": "s"}}),
                r#"answer r 401 Some("Basic")"#,
            ),
            ("Network.responseReceivedExtraInfo", json!({"requestId": "r", "statusCode": 200}), "answer r 200 None"),
            ("Network.loadingFinished", json!({"requestId": "r", "encodedDataLength": 3}), "ended r  "),
            (
                "Network.loadingFailed",
                json!({"requestId": "r", "type": "Document", "errorText": "net::ERR_ABORTED"}),
                "ended r Document net::ERR_ABORTED",
            ),
            ("Network.webSocketCreated", json!({"requestId": "s", "url": "u"}), "socket asks s"),
            ("Network.webSocketFrameSent", json!({"requestId": "s", "response": {}}), "socket asks s"),
            ("Network.webSocketFrameReceived", json!({"requestId": "s", "response": {}}), "socket answers s"),
            ("Network.webSocketClosed", json!({"requestId": "s"}), "socket closed s"),
            (
                "Fetch.authRequired",
                json!({
                    "requestId": "r", "frameId": "a", "resourceType": "Document",
                    "authChallenge": {"source": "Server", "origin": "https://a.example", "scheme": "basic"},
                }),
                r#"auth ("r", "a", "Document") Server https://a.example basic"#,
            ),
            (
                "Fetch.requestPaused",
                json!({"requestId": "r", "frameId": "a", "request": {"url": "u", "method": "GET"}}),
                "paused r a u",
            ),
        ]);
    }

    #[test]
    fn events_of_scripts_targets_and_downloads_are_read() {
        reads(&[
            (
                "Runtime.executionContextCreated",
                json!({"context": {"id": 2, "name": "inside", "origin": "https://a.example",
                    "auxData": {"frameId": "a", "isDefault": false}}}),
                "world 2 inside https://a.example a",
            ),
            ("Runtime.executionContextDestroyed", json!({"executionContextId": 2}), "world 2 gone"),
            ("Runtime.executionContextsCleared", json!({}), "worlds gone"),
            (
                "Runtime.bindingCalled",
                json!({"name": "insideTell", "payload": "quiet", "executionContextId": 2}),
                "told insideTell quiet 2",
            ),
            (
                "Security.visibleSecurityStateChanged",
                json!({"visibleSecurityState": {"certificateSecurityState": {"certificate": ["AA=="]}}}),
                r#"certificate Some("AA==")"#,
            ),
            ("Inspector.targetCrashed", json!({}), "crashed"),
            (
                "Target.attachedToTarget",
                json!({"sessionId": "s", "waitingForDebugger": true,
                    "targetInfo": {"targetId": "t", "type": "page", "browserContextId": "c", "openerId": "o"}}),
                r#"attached s ("t", "page", Some("c"), Some("o")) false"#,
            ),
            (
                "Target.attachedToTarget",
                json!({"sessionId": "s", "targetInfo": {"targetId": "t", "type": "shared_worker"}}),
                r#"attached s ("t", "shared_worker", None, None) true"#,
            ),
            ("Target.detachedFromTarget", json!({"sessionId": "s"}), "detached s"),
            (
                "Browser.downloadWillBegin",
                json!({"frameId": "a", "guid": "g", "url": "u", "suggestedFilename": "n"}),
                "download a g n",
            ),
            (
                "Browser.downloadProgress",
                json!({"guid": "g", "totalBytes": 0, "receivedBytes": 7, "state": "completed"}),
                "progress g 7 0 completed",
            ),
        ]);
    }

    #[test]
    fn what_means_nothing_or_cannot_be_read_is_no_event() {
        for (method, params) in [
            ("Page.frameResized", json!({})),
            ("Network.dataReceived", json!({"requestId": "r"})),
            ("Runtime.consoleAPICalled", json!({})),
            ("Target.targetCrashed", json!({})),
            ("nonsense", json!({})),
            ("Page.frameAttached", json!({"frameId": "b"})),
            ("Page.screencastFrame", json!({"data": 5})),
            ("Runtime.executionContextCreated", json!({"context": {"id": 2, "name": "", "origin": ""}})),
        ] {
            assert!(Event::parse(method, &raw(&params)).is_none(), "{method}");
        }
    }
}
