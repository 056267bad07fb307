//! Ports that nobody has named for a site are out of its pages' reach.

use std::{sync::Arc, time::Duration};

use countersign_model::{ChangeId, ChangeKind, ChangeReason, SiteAddress, SiteSettings};
use countersign_vault::{CredentialRef, FieldEdit, Patch};
use parking_lot::Mutex;
use serde_json::json;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpListener,
};

use crate::{
    changes::scene,
    fixture::{TestWorker, rests, story},
};

/// Something on a port of its own that answers every request in the same way, and keeps what was asked.
struct Answering {
    port: u16,
    asked: Arc<Mutex<Vec<String>>>,
}

impl Answering {
    async fn with(answer: String) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let asked = Arc::<Mutex<Vec<String>>>::default();
        let keep = Arc::clone(&asked);
        tokio::spawn(async move {
            while let Ok((mut stream, _)) = listener.accept().await {
                let (answer, keep) = (answer.clone(), Arc::clone(&keep));
                tokio::spawn(async move {
                    let mut head = vec![0; 8192];
                    let length = stream.read(&mut head).await?;
                    let line = String::from_utf8_lossy(&head[..length]).lines().next().unwrap_or_default().to_owned();
                    keep.lock().push(line);
                    stream.write_all(answer.as_bytes()).await?;
                    stream.shutdown().await
                });
            }
        });
        Self { port, asked }
    }

    /// Whether anybody connected, and forgets it.
    fn was_reached(&self) -> bool {
        !std::mem::take(&mut *self.asked.lock()).is_empty()
    }

    async fn until_asked_for(&self, path: &str) {
        let look = async {
            while !self.asked.lock().iter().any(|line| line.contains(path)) {
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
        };
        tokio::time::timeout(Duration::from_secs(60), look).await.unwrap_or_else(|_| panic!("{:?}", self.asked.lock()));
    }
}

fn page(html: &str) -> String {
    let length = html.len();
    format!("HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n{html}")
}

/// A look at the site on that port, for which these origins are named.
async fn visit(fixture: &TestWorker, wanted: &CredentialRef, port: u16, origins: Vec<String>) -> ChangeId {
    let site = SiteAddress::parse(&format!("http://127.0.0.1:{port}/")).unwrap();
    let patch = Patch { site: FieldEdit::Set(site), ..Patch::default() };
    fixture.vault.edit_credential(&fixture.admin, wanted, patch).await.unwrap();
    let settings = SiteSettings { origins, ..SiteSettings::default() };
    fixture.vault.set_automation(&fixture.admin, wanted, settings).await.unwrap();
    fixture.ask(wanted, ChangeKind::Rehearsal).await
}

#[test]
fn promise_8_a_port_that_nobody_has_named_is_reached_by_no_page() {
    scene(&json!({}), &async |fixture, wanted| {
        let other = Answering::with(page("<title>other</title>")).await;
        let to = format!("http://127.0.0.1:{}", other.port);
        let redirect =
            format!("HTTP/1.1 302 Found\r\nLocation: {to}/\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
        let sends_away = Answering::with(redirect).await;
        let script = format!("fetch('{to}/fetched', {{mode: 'no-cors'}}).catch(() => 0).then(() => fetch('/tried'))");
        let fetching = Answering::with(page(&format!("<title>site</title><p>here<script>{script}</script>"))).await;
        let worker = fixture.worker(fixture.options());
        let left = Some(ChangeReason::LeftSite { origin: to });
        let id = visit(fixture, wanted, sends_away.port, Vec::new()).await;
        let view = fixture.until(id, rests).await;
        assert_eq!(view.row.reason, left, "{}", story(&view));
        worker.stop().await;
        // The port counts, on whatever host it was named. What was asked is enough: the search for a form is not waited for.
        for (name, named) in [("bob", false), ("carol", true)] {
            let wanted = &fixture.credential(name, &json!({})).await;
            let worker = fixture.worker(fixture.options());
            let origins = if named { vec![format!("http://elsewhere.test:{}", other.port)] } else { Vec::new() };
            visit(fixture, wanted, fetching.port, origins).await;
            fetching.until_asked_for("/tried").await;
            worker.stop().await;
            fetching.was_reached();
            assert_eq!(other.was_reached(), named, "a page comes to a port where that is named, and nowhere else");
        }
    });
}
