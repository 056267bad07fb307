//! What is called off ends at once, whatever its site does meanwhile.

use std::time::{Duration, Instant};

use countersign_model::{ChangeKind, ChangeState};
use serde_json::json;

use crate::{
    answering::{Answering, page},
    changes::scene,
    fixture::{rests, story},
    ports::move_to,
};

/// It is looked for once a second; the rest is for a machine that is busy.
const SOON: Duration = Duration::from_secs(5);

#[test]
fn what_is_called_off_ends_while_its_site_is_waited_for_or_searched() {
    scene(&json!({}), &async |fixture, _| {
        let silent = Answering::never().await;
        // Each customary path shows the same, so there is a minute of searching.
        let formless =
            Answering::with(page("<title>site</title><p>Nothing to sign in to <a href=/more>More</a>")).await;
        let worker = fixture.worker(fixture.options());
        for (name, kind, site) in [
            ("bob", ChangeKind::Rehearsal, &silent),
            ("carol", ChangeKind::Rehearsal, &formless),
            ("dora", ChangeKind::Change, &silent),
            ("erik", ChangeKind::Change, &formless),
        ] {
            let wanted = fixture.credential(name, &json!({})).await;
            move_to(fixture, &wanted, site.port, Vec::new()).await;
            site.was_reached();
            let id = fixture.ask(&wanted, kind).await;
            site.until_asked_for("GET /").await;
            let begun = Instant::now();
            fixture.vault.cancel_change(&fixture.admin, id).await.unwrap();
            let view = fixture.until(id, rests).await;
            assert_eq!(view.state, ChangeState::Cancelled, "{}", story(&view));
            assert!(begun.elapsed() < SOON, "{name}: {:?}\n{}", begun.elapsed(), story(&view));
        }
        worker.stop().await;
    });
}
