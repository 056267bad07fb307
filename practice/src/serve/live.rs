//! The WebSocket: the same asks and answers as messages, so that a browser has no request to wait for.

use super::http::{Door, ask_of, part};
use crate::site::{Ask, Fields};
use axum::extract::ws::{Message, WebSocket, WebSocketUpgrade};
use axum::extract::{OriginalUri, State};
use axum::http::HeaderMap;
use axum::response::Response;
use serde::Deserialize;

/// One ask: `path` may carry a query, `body` is form-encoded.
#[derive(Debug, Deserialize)]
struct Asked {
    id: u64,
    method: String,
    path: String,
    #[serde(default)]
    body: String,
}

pub(super) async fn live(
    State(door): State<Door>,
    OriginalUri(uri): OriginalUri,
    headers: HeaderMap,
    upgrade: WebSocketUpgrade,
) -> Response {
    let (ask, _) = ask_of(&door, false, &uri, &headers, &[]);
    upgrade.on_upgrade(move |socket| talk(door, ask, socket))
}

/// Answers message after message, until either side ends or a fault does.
async fn talk(door: Door, first: Ask, mut socket: WebSocket) {
    let mut ending = door.shared.ending.clone();
    loop {
        let message = tokio::select! {
            message = socket.recv() => message,
            _ = ending.wait_for(|ending| *ending) => return,
        };
        let Some(Ok(message)) = message else { return };
        let Message::Text(text) = message else { continue };
        let Ok(asked) = serde_json::from_str::<Asked>(&text) else { return };
        let (path, query) = asked.path.split_once('?').unwrap_or((&asked.path, ""));
        let ask = Ask {
            post: asked.method == "POST",
            path: path.to_owned(),
            query: Fields::parse(query.as_bytes()),
            fields: Fields::parse(asked.body.as_bytes()),
            ..first.clone()
        };
        let Some((_, mut told)) = part(&door.shared, ask).await else { return };
        told["id"] = asked.id.into();
        if socket.send(Message::Text(told.to_string().into())).await.is_err() {
            return;
        }
    }
}
