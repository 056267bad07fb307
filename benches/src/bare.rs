//! The yardstick: an axum handler that answers JSON of the same size and does nothing else.

use std::io::Write as _;

use axum::{Json, Router, routing::get};
use serde_json::{Value, json};

async fn answer() -> Json<Value> {
    Json(json!({
        "token": "123456", "kind": "totp", "digits": 6, "period": 30, "step": 59_850_490,
        "begins_at": "2026-11-24T10:05:00.000Z", "ends_at": "2026-11-24T10:05:30.000Z",
        "server_time": "2026-11-24T10:05:16.361Z", "taken_by": [],
    }))
}

pub(crate) fn run() -> anyhow::Result<()> {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    runtime.block_on(async {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
        let mut out = std::io::stdout();
        writeln!(out, "listening on http://{}/", listener.local_addr()?)?;
        out.flush()?;
        axum::serve(listener, Router::new().route("/{*path}", get(answer))).await?;
        Ok(())
    })
}
