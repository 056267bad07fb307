//! The ways a page comes: pieces for `fetch`, messages over a WebSocket, a frame of another site; and the noise.

use crate::browser::Browser;
use crate::drive::{Person, SEED, browser, fill, sign_in, site};
use crate::markup::read;
use countersign_practice::{Control, Gate};
use futures_util::{SinkExt, StreamExt};
use serde_json::{Value, json};
use tokio_tungstenite::connect_async;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;

#[tokio::test]
async fn without_navigation_every_page_is_the_same_shell() {
    for transport in ["fetch", "websocket"] {
        let practice = site(json!({"look": {"transport": transport}})).await;
        let mut one = browser(&practice);
        for path in ["/", "/sign-in", "/settings/password"] {
            one.get(path).await;
            assert_eq!((one.status, one.forms().len()), (200, 0), "{path}");
        }
        one.get("/nowhere").await;
        assert_eq!(one.status, 404);
        let mut part = Browser { part: true, ..one };
        assert!(sign_in(&mut part, practice.control(), &Person::new("alice", "first")).await);
    }
}

#[tokio::test]
async fn a_whole_sign_in_and_change_goes_over_one_websocket() {
    let practice = site(json!({"look": {"transport": "websocket"}, "change": {"success": "nothing"}})).await;
    let mut one = browser(&practice);
    one.get("/").await;
    let address = practice.url().replace("http://", "ws://") + "/live";
    let mut request = address.into_client_request().unwrap();
    request.headers_mut().insert("cookie", format!("sid={}", one.cookies["sid"]).parse().unwrap());
    let (mut socket, _) = connect_async(request).await.unwrap();
    let mut id = 0;
    let mut ask = async |method: &str, path: &str, fields: &[(&str, &str)]| -> Value {
        id += 1;
        let body = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish();
        let message = json!({"id": id, "method": method, "path": path, "body": body}).to_string();
        socket.send(Message::text(message)).await.unwrap();
        let Message::Text(answer) = socket.next().await.unwrap().unwrap() else { panic!("no text") };
        let answer: Value = serde_json::from_str(&answer).unwrap();
        assert_eq!(answer["id"], id);
        answer
    };
    let csrf = |answer: &Value| {
        let page = read(answer["html"].as_str().unwrap()).unwrap();
        page.tags("input")
            .into_iter()
            .find(|input| input.attribute("name") == "csrf")
            .unwrap()
            .attribute("value")
            .to_owned()
    };
    let page = ask("GET", "/sign-in", &[]).await;
    assert_eq!(page["page"], "sign_in");
    let mark = csrf(&page);
    let page = ask("POST", "/sign-in", &[("csrf", &mark), ("username", "alice"), ("password", "first")]).await;
    assert_eq!((page["page"].as_str(), page["path"].as_str()), (Some("token"), Some("/sign-in/token")));
    let token = practice.control().token("alice").unwrap();
    let page = ask("POST", "/sign-in/token", &[("csrf", &mark), ("otp", &token)]).await;
    assert_eq!(page["page"], "feed");
    let fields =
        [("csrf", mark.as_str()), ("old_password", "first"), ("new_password", "second"), ("repeat_password", "second")];
    let page = ask("POST", "/settings/password", &fields).await;
    assert_eq!(page["page"], "change");
    assert!(practice.control().check("alice", "second"));
    practice.control().patch_hurdles(None, &json!({"faults": [{"page": "feed", "act": "die"}]})).unwrap();
    let message = json!({"id": 99, "method": "GET", "path": "/feed"}).to_string();
    socket.send(Message::text(message)).await.unwrap();
    assert!(!matches!(socket.next().await, Some(Ok(Message::Text(_)))), "the socket dies as a connection does");
}

/// Fills the form of a page in the frame.
async fn fill_framed(frame: &mut Browser, control: &Control, page: &str) {
    let truth = control.truth(Some("alice"));
    let form = frame.form(&truth.paths[page]).unwrap();
    fill(frame, &form, &truth, &Person::new("alice", "first"), control, &[]).await.unwrap();
}

#[tokio::test]
async fn the_sign_in_may_stand_in_a_frame_of_another_site() {
    let practice = site(json!({"sign_in": {"frame": true}})).await;
    let mut one = browser(&practice);
    one.get("/sign-in").await;
    assert!(one.form("/sign-in").is_none(), "the form is not on the page itself");
    let source = one.page.tags("iframe")[0].attribute("src").to_owned();
    assert!(source.starts_with(&practice.origins().frame) && source.starts_with("http://localhost:"), "{source}");
    let mut frame = Browser::new(&source);
    frame.get(&source.replace(&practice.origins().frame, "")).await;
    fill_framed(&mut frame, practice.control(), "sign_in").await;
    assert_eq!(frame.path(), "/sign-in/token");
    let mut token_page = frame.clone();
    assert!(token_page.cookies.is_empty(), "a frame of another site has no cookies");
    fill_framed(&mut token_page, practice.control(), "token").await;
    let done = token_page.page.all().into_iter().find(|element| !element.attribute("data-next").is_empty()).unwrap();
    assert_eq!(done.attribute("data-next"), "/feed");
    one.get("/feed").await;
    assert_eq!((one.status, one.path()), (200, "/feed"), "the page around the frame is signed in");
    let gates: Vec<Gate> = practice.control().typed().iter().map(|typed| typed.gate).collect();
    assert!(!gates.is_empty() && gates.iter().all(|gate| *gate == Gate::Frame));
    let mut stranger = Browser::new(&source);
    stranger.get("/sign-in?v=nobody").await;
    assert_eq!(stranger.status, 404);
}

#[tokio::test]
async fn shadow_trees_are_open_or_closed() {
    for (shadow, count) in [("none", 0), ("open", 1), ("closed", 1)] {
        let practice = site(json!({"look": {"shadow": shadow}})).await;
        let mut one = browser(&practice);
        one.get("/sign-in").await;
        let templates = one.page.tags("template");
        assert_eq!(templates.len(), count);
        for template in templates {
            assert_eq!(template.attribute("shadowrootmode"), shadow);
            assert!(!template.tags("form").is_empty());
        }
        assert!(sign_in(&mut one, practice.control(), &Person::new("alice", "first")).await);
    }
}

#[tokio::test]
async fn dialogs_and_noise_stand_in_the_page_when_they_are_switched_on() {
    let practice = site(json!({})).await;
    let mut one = browser(&practice);
    one.get("/sign-in").await;
    let quiet = one.body.clone();
    practice
        .control()
        .patch_hurdles(
            None,
            &json!({"look": {
                "dialogs": {"cookie_banner": true, "newsletter_box": true, "alert": true, "before_unload": true, "toast_over_button_ms": 1500},
                "noise": {"pages": ["sign_in"], "pop_ups": 100, "reload_ms": 50, "restless": true, "moving": true, "download": true, "print": true, "memory_mib": 64, "busy_ms": 10},
            }}),
        )
        .unwrap();
    one.get("/sign-in").await;
    let noise = |page: &str, name: &str| {
        let start = page.find("\"noise\":{").unwrap();
        let end = start + page[start..].find('}').unwrap();
        page[start..end].contains(&format!("\"{name}\":"))
            && !page[start..end].contains(&format!("\"{name}\":0"))
            && !page[start..end].contains(&format!("\"{name}\":false"))
            && !page[start..end].contains(&format!("\"{name}\":null"))
    };
    for name in [
        "pop_ups",
        "reload_ms",
        "restless",
        "moving",
        "download",
        "print",
        "memory_mib",
        "busy_ms",
        "alert",
        "before_unload",
        "newsletter_box",
    ] {
        assert!(noise(&one.body, name), "{name}: {}", one.body);
        assert!(!noise(&quiet, name), "{name} was on before");
    }
    assert_eq!(one.page.tags("section").len(), 2, "cookie banner and newsletter box");
    assert!(one.body.contains("animation-delay:1500ms"));
    one.cookies.insert("consent".into(), "1".into());
    one.get("/sign-in").await;
    assert_eq!(one.page.tags("section").len(), 1, "the banner was answered");
    one.get("/about").await;
    assert!(!noise(&one.body, "pop_ups"), "noise is on the named pages only");
    one.get("/files/report.zip").await;
    assert!(one.headers["content-disposition"].starts_with("attachment"));
    one.get("/pop-up?n=1").await;
    let events: Vec<String> = practice.control().events().iter().map(|event| format!("{:?}", event.name)).collect();
    assert!(events.contains(&"Downloaded".to_owned()) && events.contains(&"PoppedUp".to_owned()));
}

#[tokio::test]
async fn the_feed_has_no_end_and_keeps_what_one_posts() {
    let practice = site(json!({})).await;
    let mut one = browser(&practice);
    assert!(sign_in(&mut one, practice.control(), &Person::new("bob", "first")).await);
    assert!(one.body.contains('🥖') || one.body.contains('é') || one.body.contains('ü'));
    let csrf = one.form("/feed").unwrap().inputs[0].2.clone();
    let fields = [("csrf".to_owned(), csrf), ("post".to_owned(), "Grüße an alle 🎈 <b>".to_owned())];
    one.post("/feed", &fields).await.unwrap();
    assert!(one.says("Grüße an alle 🎈 <b>"));
    for after in [10, 990, 123_450] {
        one.get(&format!("/feed?after={after}")).await;
        assert_eq!(one.page.tags("article").len(), 10);
        assert!(one.links_to(&format!("/feed?after={}", after + 10)));
    }
    one.get("/search?q=zucker").await;
    assert!(one.says("Zucker"));
    assert_eq!(SEED.len(), 32);
}
