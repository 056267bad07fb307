//! Each oddity stands on its page.

use crate::drive::{Person, browser, sign_in, site, to_sign_in};
use serde_json::json;

#[tokio::test]
async fn each_oddity_of_the_sign_in_stands_on_its_page() {
    for (odd, there) in [
        (json!({"button": "key_up"}), "onkeyup=\"wake(this)\""),
        (json!({"button": "key_up"}), " disabled"),
        (json!({"button": "blur"}), "onblur=\"wake(this)\""),
        (json!({"lines": "read_only_until_focus"}), " readonly onfocus="),
        (json!({"lines": "drawn_as_dots"}), "-webkit-text-security:disc"),
        (json!({"lines": "keypad"}), " readonly"),
        (json!({"small_letters": true}), "toLowerCase()"),
        (json!({"sign_in_keeps": 16}), "maxlength=\"16\""),
        (json!({"way": "passkey"}), "Try another way"),
        (json!({"way": "frame_in_shadow"}), "attachShadow"),
        (json!({"way": "pop_up"}), "window.open("),
        (json!({"way": "new_tab"}), "target=\"_blank\""),
        (json!({"asks": "tenant"}), "name=\"account\""),
        (json!({"asks": "puzzle_line"}), "name=\"captcha\""),
    ] {
        let plain = site(json!({})).await;
        let practice = site(json!({ "odd": odd })).await;
        let truth = practice.control().truth(None);
        let (mut with, mut without) = (browser(&practice), browser(&plain));
        with.get(&truth.paths["sign_in"]).await;
        to_sign_in(&mut without, &truth).await;
        let page = |body: &str| body.split("const P=").next().unwrap().to_owned();
        assert!(page(&with.body).contains(there), "{odd}: {}", with.body);
        assert!(!page(&without.body).contains(there), "{odd}: {there} stands on the plain page as well");
    }
}

#[tokio::test]
async fn a_refusal_without_a_form_lets_nobody_in() {
    for refusal in ["words", "forbidden", "json"] {
        let practice = site(json!({"odd": {"refusal": refusal}})).await;
        let mut other = browser(&practice);
        assert!(!sign_in(&mut other, practice.control(), &Person::new("bob", "wrong")).await, "{refusal}");
        assert!(!other.body.contains("type=\"password\""), "{refusal}: {}", other.body);
        assert!(sign_in(&mut browser(&practice), practice.control(), &Person::new("bob", "first")).await, "{refusal}");
    }
}
