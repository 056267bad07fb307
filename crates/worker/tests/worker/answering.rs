//! Tiny sites of their own, beside the practice site.

use std::{sync::Arc, time::Duration};

use parking_lot::Mutex;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpListener,
};

/// Something on a port of its own that answers requests, and keeps what was asked.
pub(crate) struct Answering {
    pub(crate) port: u16,
    asked: Arc<Mutex<Vec<String>>>,
}

impl Answering {
    /// Answers every request in the same way.
    pub(crate) async fn with(answer: String) -> Self {
        Self::by(move |_: &str| answer.clone()).await
    }

    /// Takes requests and never answers.
    pub(crate) async fn never() -> Self {
        Self::by(|_: &str| String::new()).await
    }

    /// Answers by the head of the request; with nothing, not at all.
    pub(crate) async fn by(answer: impl Fn(&str) -> String + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let asked = Arc::<Mutex<Vec<String>>>::default();
        let (keep, answer) = (Arc::clone(&asked), Arc::new(answer));
        tokio::spawn(async move {
            while let Ok((mut stream, _)) = listener.accept().await {
                let (answer, keep) = (Arc::clone(&answer), Arc::clone(&keep));
                tokio::spawn(async move {
                    let mut head = vec![0; 8192];
                    let length = stream.read(&mut head).await?;
                    let head = String::from_utf8_lossy(&head[..length]).into_owned();
                    keep.lock().push(head.lines().next().unwrap_or_default().to_owned());
                    let answer = answer(&head);
                    if answer.is_empty() {
                        std::future::pending::<()>().await;
                    }
                    stream.write_all(answer.as_bytes()).await?;
                    stream.shutdown().await
                });
            }
        });
        Self { port, asked }
    }

    /// Whether anybody connected, and forgets it.
    pub(crate) fn was_reached(&self) -> bool {
        !std::mem::take(&mut *self.asked.lock()).is_empty()
    }

    pub(crate) async fn until_asked_for(&self, path: &str) {
        let look = async {
            while !self.asked.lock().iter().any(|line| line.contains(path)) {
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
        };
        tokio::time::timeout(Duration::from_secs(60), look).await.unwrap_or_else(|_| panic!("{:?}", self.asked.lock()));
    }
}

pub(crate) fn page(html: &str) -> String {
    let length = html.len();
    format!("HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n{html}")
}

/// An answer that leads on to `to`; each of `headers` ends with a new line.
pub(crate) fn redirect(to: &str, headers: &str) -> String {
    format!("HTTP/1.1 302 Found\r\nLocation: {to}\r\n{headers}Content-Length: 0\r\nConnection: close\r\n\r\n")
}
