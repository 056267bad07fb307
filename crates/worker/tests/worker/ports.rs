//! Ports that nobody has named for a site are out of its pages' reach.

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

use countersign_model::{ChangeKind, ChangeReason, SiteAddress, SiteSettings};
use countersign_vault::{Edit, Patch};
use serde_json::json;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpListener,
};

use crate::{changes::scene, house::story};

/// Answers every request on a port of its own in the same way; gives the port, and counts who came.
async fn answering(answer: String) -> (u16, Arc<AtomicUsize>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let came = Arc::<AtomicUsize>::default();
    let counted = Arc::clone(&came);
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            counted.fetch_add(1, Ordering::SeqCst);
            let answer = answer.clone();
            tokio::spawn(async move {
                // Whatever is asked.
                let asked = stream.read(&mut [0; 8192]).await?;
                if asked > 0 {
                    stream.write_all(answer.as_bytes()).await?;
                }
                stream.shutdown().await
            });
        }
    });
    (port, came)
}

fn page(html: &str) -> String {
    let length = html.len();
    format!("HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n{html}")
}

#[test]
fn promise_8_a_port_that_nobody_has_named_is_reached_by_no_page() {
    scene(&json!({}), &async |house, wanted| {
        let (other, came) = answering(page("<title>other</title>")).await;
        let to = format!("http://127.0.0.1:{other}");
        let script = format!("<title>site</title><p>here<script>fetch('{to}/fetched', {{mode: 'no-cors'}})</script>");
        let redirect =
            format!("HTTP/1.1 302 Found\r\nLocation: {to}/\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
        let (sends_away, _) = answering(redirect).await;
        let (fetches, fetched_from) = answering(page(&script)).await;
        let worker = house.worker(house.options());
        let visit = async |port: u16, origins: Vec<String>| {
            let site = SiteAddress::parse(&format!("http://127.0.0.1:{port}/")).unwrap();
            let patch = Patch { site: Edit::Set(site), ..Patch::default() };
            house.vault.edit_credential(&house.admin, wanted, patch).await.unwrap();
            let settings = SiteSettings { origins, ..SiteSettings::default() };
            house.vault.set_automation(&house.admin, wanted, settings).await.unwrap();
            house.change(wanted, ChangeKind::Rehearsal).await
        };

        let view = visit(sends_away, Vec::new()).await;
        assert_eq!(view.row.reason, Some(ChangeReason::LeftSite { origin: to.clone() }), "{}", story(&view));
        let view = visit(fetches, Vec::new()).await;
        assert!(fetched_from.load(Ordering::SeqCst) > 0, "{}", story(&view));
        assert_eq!(came.load(Ordering::SeqCst), 0, "a page came to a port that nobody has named");

        // The port counts, on whatever host it was named.
        let named = vec![format!("http://elsewhere.test:{other}")];
        visit(sends_away, named.clone()).await;
        assert!(came.swap(0, Ordering::SeqCst) > 0);
        visit(fetches, named).await;
        assert!(came.load(Ordering::SeqCst) > 0);
        worker.stop().await;
    });
}
