//! Ports that nobody has named for a site are out of its pages' reach: of changes, of frames, and in people's sessions.

use countersign_model::{ChangeId, ChangeKind, ChangeReason, SiteAddress, SiteSettings};
use countersign_vault::{CredentialRef, FieldEdit, Patch};
use serde_json::json;

use crate::{
    answering::{Answering, page, redirect},
    changes::scene,
    fixture::{TestWorker, rests, story},
    sessions::{join, place, start, watched},
};

/// A look at the site on that port, for which these origins are named.
async fn visit(fixture: &TestWorker, wanted: &CredentialRef, port: u16, origins: Vec<String>) -> ChangeId {
    move_to(fixture, wanted, port, origins).await;
    fixture.ask(wanted, ChangeKind::Rehearsal).await
}

/// The credential is for the site on that port from now on.
pub(crate) async fn move_to(fixture: &TestWorker, wanted: &CredentialRef, port: u16, origins: Vec<String>) {
    let site = SiteAddress::parse(&format!("http://127.0.0.1:{port}/")).unwrap();
    let patch = Patch { site: FieldEdit::Set(site), ..Patch::default() };
    fixture.vault.edit_credential(&fixture.admin, wanted, patch).await.unwrap();
    let settings = SiteSettings { origins, ..SiteSettings::default() };
    fixture.vault.set_automation(&fixture.admin, wanted, settings).await.unwrap();
}

#[test]
fn promise_8_a_port_that_nobody_has_named_is_reached_by_no_page() {
    scene(&json!({}), &async |fixture, wanted| {
        let other = Answering::with(page("<title>other</title>")).await;
        let to = format!("http://127.0.0.1:{}", other.port);
        let sends_away = Answering::with(redirect(&format!("{to}/"), "")).await;
        let script = format!("fetch('{to}/fetched', {{mode: 'no-cors'}}).catch(() => 0).then(() => fetch('/tried'))");
        let fetching = Answering::with(page(&format!("<title>site</title><p>here<script>{script}</script>"))).await;
        let worker = fixture.worker(fixture.options());
        let left = Some(ChangeReason::LeftSite { origin: to });
        let id = visit(fixture, wanted, sends_away.port, Vec::new()).await;
        let view = fixture.until(id, rests).await;
        assert_eq!(view.reason, left, "{}", story(&view));
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

#[test]
fn promise_10_a_sign_in_frame_on_a_port_that_nobody_has_named_is_told_as_that() {
    scene(&json!({}), &async |fixture, wanted| {
        let other = Answering::with(page("<title>in</title><input type=password>")).await;
        let to = format!("http://127.0.0.1:{}", other.port);
        let frame = format!("<title>site</title><p>Welcome<iframe src='{to}/in' width=400 height=300></iframe>");
        let site = Answering::with(page(&frame)).await;
        let worker = fixture.worker(fixture.options());
        let id = visit(fixture, wanted, site.port, Vec::new()).await;
        let view = fixture.until(id, rests).await;
        assert_eq!(view.reason, Some(ChangeReason::LeftSite { origin: to.clone() }), "{}", story(&view));
        let told = format!("a frame with {to}/in was not loaded: 127.0.0.1 was to be reached on port {}", other.port);
        assert!(view.events.iter().any(|event| event.text.starts_with(&told)), "{}", story(&view));
        assert!(!other.was_reached());
        worker.stop().await;
    });
}

/// A site with a form to sign in, whose page for members tries to get to `to` in every way when its button is pressed, and asks
/// for `/tried` when each has come to its end.
fn tempting(to: u16) -> impl Fn(&str) -> String + Send + Sync + 'static {
    let members = format!(
        "<title>Members</title><h1>Welcome back</h1><a href=/settings>Settings</a> <a href=/out>Sign out</a>
         <button onclick=tries()>Try</button><script>
         const to = '127.0.0.1:{to}';
         const ended = (work) => work.then(() => 1, () => 1);
         const one = (make) => new Promise((done) => {{ const it = make(); it.onload = it.onerror = it.onopen = it.onclose = done; }});
         const put = (tag, address) => one(() => {{ const it = document.createElement(tag); it.src = address; document.body.append(it); return it; }});
         const tries = () => Promise.all([
           fetch(`http://${{to}}/fetched`, {{mode: 'no-cors'}}), put('img', `http://${{to}}/image`), put('iframe', `http://${{to}}/frame`),
           one(() => new WebSocket(`ws://${{to}}/socket`)), one(() => new EventSource(`http://${{to}}/events`)),
         ].map(ended)).then(() => {{ window.open(`http://${{to}}/window`); return fetch('/tried'); }});
         </script>"
    );
    let form =
        "<title>Sign in</title><h1>Sign in</h1><form method=post action=/in><label>User name <input name=user></label>
                <label>Password <input type=password name=password></label><button>Sign in</button></form>";
    move |head: &str| match () {
        () if head.starts_with("POST /in") => redirect("/", "Set-Cookie: member=yes; Path=/\r\n"),
        () if head.contains("member=yes") => page(&members),
        () => page(form),
    }
}

#[test]
fn promise_8_a_page_in_a_session_reaches_no_port_that_nobody_has_named() {
    scene(&json!({}), &async |fixture, _| {
        let other = Answering::with(page("<title>other</title>")).await;
        let site = Answering::by(tempting(other.port)).await;
        for (name, named) in [("bob", false), ("carol", true)] {
            let wanted = &fixture.credential(name, &json!({})).await;
            let origins = if named { vec![format!("http://elsewhere.test:{}", other.port)] } else { Vec::new() };
            move_to(fixture, wanted, site.port, origins).await;
            let (options, seen) = watched(fixture);
            let worker = fixture.worker(options);
            let id = start(fixture, wanted).await;
            let viewer = join(fixture, &worker, id).await;
            viewer.phase("live").await;
            assert!(!other.was_reached(), "nobody has pressed the button yet");
            site.was_reached();
            viewer.click(&place(&seen, "Try"));
            site.until_asked_for("/tried").await;
            assert_eq!(other.was_reached(), named, "a page comes to a port where that is named, and nowhere else");
            worker.stop().await;
        }
    });
}
