use std::time::Instant;

use countersign_browser::{BrowserState, ContextOptions, Error, ScreenshotFormat};
use countersign_snapshot::{FieldKind, Hidden, Hue, TextRole};

use super::*;

#[tokio::test(flavor = "multi_thread")]
async fn a_context_is_quick_and_shares_nothing_and_its_state_can_be_kept() {
    let site = Site::open().await;
    site.page("/", "<p>hello <script>document.write(localStorage.getItem('device') ?? 'stranger')</script></p>");
    let browser = browser().await;
    assert!(!browser.user_agent().contains("Headless"));

    let first = context(&browser).await;
    let begun = Instant::now();
    let second = context(&browser).await;
    println!("context: {:?}", begun.elapsed());
    assert!(begun.elapsed() < LONG / 10);

    let page = opened(&first, &site.here()).await;
    assert_eq!(texts(&seen(&page).await), ["hello stranger"]);
    let answer = page.snapshot().await.unwrap().answer.unwrap();
    assert_eq!((answer.status, answer.date.as_deref()), (200, Some("Sun, 06 Nov 1994 08:49:37 GMT")));
    assert!(answer.received_at_ms.unwrap() > 1_700_000_000_000);

    // What the first one keeps the second does not know, until it is given.
    site.page("/keep", "<script>localStorage.setItem('device', 'friend')</script>kept");
    page.open(&format!("{}/keep", site.here()), LONG).await.unwrap();
    seen(&page).await;
    let bytes = first.state().await.unwrap().expose().to_vec();
    let other = opened(&second, &site.here()).await;
    assert_eq!(texts(&seen(&other).await), ["hello stranger"]);
    assert_eq!(site.asked().last().unwrap().2, "", "the second context sent a cookie of the first");

    let state = BrowserState::from_bytes(bytes).unwrap();
    let third = browser.context(ContextOptions { state: Some(state), ..options(&browser) }).await.unwrap();
    let again = opened(&third, &site.here()).await;
    assert_eq!(texts(&seen(&again).await), ["hello friend"]);
    assert_eq!(site.asked().last().unwrap().2, format!("seen=yes-{}", site.port));
    assert!(BrowserState::from_bytes(b"{}".to_vec()).is_err());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_context_that_has_waited_is_used_once_and_knows_nothing() {
    let site = Site::open().await;
    site.page("/", "<script>document.write(localStorage.getItem('device') ?? 'nobody')</script>");
    site.page("/keep", "<script>localStorage.setItem('device', 'friend')</script>kept");
    let browser = browser().await;
    browser.keep_warm().await.unwrap();
    let first = context(&browser).await;
    let page = opened(&first, &format!("{}/keep", site.here())).await;
    assert_eq!(texts(&seen(&page).await), ["kept"]);
    assert_eq!(first.pages().len(), 1, "the tab that waited is the first");
    let another = first.open_page().await.unwrap();
    assert_ne!(another.id(), page.id(), "and is given once");

    // The next one waits while the first is in use.
    browser.keep_warm().await.unwrap();
    let second = context(&browser).await;
    let page = opened(&second, &site.here()).await;
    assert_eq!(texts(&seen(&page).await), ["nobody"]);

    // What it was made for is not what is asked for: another identity, and other places to connect to.
    browser.keep_warm().await.unwrap();
    let identity =
        BrowserIdentity { language: "de-DE".into(), ..BrowserIdentity::new(browser.user_agent().to_owned()) };
    let other = browser.context(ContextOptions { identity: identity.clone(), ..options(&browser) }).await.unwrap();
    assert_eq!(*other.identity(), identity);
    let nowhere = |_: &str, _: IpAddr, _: u16| Err("nowhere".to_owned());
    let closed = browser.context(ContextOptions { policy: Arc::new(nowhere), ..options(&browser) }).await.unwrap();
    let page = closed.open_page().await.unwrap();
    assert!(matches!(page.open(&site.here(), LONG).await, Err(Error::Refused { .. })), "its own rules hold");

    // State that is given is put into it.
    let state = BrowserState::from_bytes(first.state().await.unwrap().expose().to_vec()).unwrap();
    browser.keep_warm().await.unwrap();
    let third = browser.context(ContextOptions { state: Some(state), ..options(&browser) }).await.unwrap();
    let page = opened(&third, &site.here()).await;
    assert_eq!(texts(&seen(&page).await), ["friend"]);
}

const FORMS: &str = r#"<!doctype html><html lang="en"><title>Sign in</title>
<style>.off{position:absolute;left:-9999px}.clip{position:absolute;clip:rect(0,0,0,0);width:100px;height:20px}</style>
<h1>Welcome back</h1><div role="alert" style="color:#b00020">Wrong password</div>
<form action="/go" method="post">
  <div class="off"><input name="decoy_off"></div>
  <div style="opacity:0"><input name="decoy_clear"></div>
  <input name="decoy_display" style="display:none"><input name="decoy_visibility" style="visibility:hidden">
  <div style="height:0;overflow:hidden"><input name="decoy_height"></div>
  <input name="decoy_clip" class="clip"><input name="decoy_tiny" style="width:1px;height:1px;border:0;padding:0">
  <div aria-hidden="true"><input name="decoy_aria" tabindex="-1"></div>
  <p>Your e-mail</p><input name="user" autocomplete="section-a username" maxlength="40">
  <label for="p">Password</label><input id="p" name="pass" type="password" value="old">
  <label><input type="checkbox" name="trust"> Trust this browser</label>
  <button formaction="https://other.example/x">Sign in</button> <a href="/forgot?x=1">Forgot?</a>
</form>
<div id="host"><template shadowrootmode="closed"><label>Code <input name="closed" inputmode="numeric"></label></template></div>
<div><template shadowrootmode="open"><div><template shadowrootmode="closed"><input name="nested"></template></div></template></div>
<iframe src="@there/inner" width="400" height="120" style="border:3px solid;padding:5px"></iframe>
<iframe src="@here/same" width="400" height="60"></iframe>
<iframe srcdoc="<input name=hiddenframe>" style="display:none"></iframe>
<div style="height:3000px"></div><input name="below">"#;

#[tokio::test(flavor = "multi_thread")]
async fn a_picture_says_where_enter_sends_a_form() {
    let site = Site::open().await;
    let evil = "https://evil.example";
    let button = format!("<button formaction='{evil}/x'>Go</button>");
    let browser = browser().await;
    let context = context(&browser).await;
    for (html, expected) in [
        ("<form action=/go><input name=a><button>Go</button></form>".to_owned(), None),
        (format!("<form action=/go><input name=a><button>First</button>{button}</form>"), None),
        (format!("<form action=/go><input name=a><button type=button>First</button>{button}</form>"), Some(evil)),
        (
            format!("<form action=/go><input name=a><div style='display:none'>{button}</div><button>Own</button></form>"),
            Some(evil),
        ),
        (
            format!("<button form=f formaction='{evil}/x'>Go</button><form id=f action=/go><input name=a><button>Own</button></form>"),
            Some(evil),
        ),
        (
            format!("<form action=/go><input name=elements><input name=getRootNode><input name=a><input type=image alt=go formaction='{evil}/x'></form>"),
            Some(evil),
        ),
        (
            "<form><input name=a><button formaction='javascript:go()'>Go</button></form><script>function go() { location = '/go'; }</script>".to_owned(),
            None,
        ),
    ] {
        site.page("/", &html);
        let page = opened(&context, &site.here()).await;
        let picture = seen(&page).await;
        let (frame, line) = field(&picture, "a");
        let form = &frame.forms[line.form.unwrap() as usize];
        assert_eq!(form.enter_origin.as_deref(), expected, "{html}");
        assert_eq!(form.action_origin.as_deref(), Some(site.here().as_str()), "{html}");
        // Chromium means the same.
        page.focus(&reference(&picture, "a")).await.unwrap();
        page.press(countersign_browser::Key::Enter).await.unwrap();
        let there = until(&page, |picture| picture.frames[0].address != format!("{}/", site.here())).await;
        let left = there.frames[0].address.starts_with(evil);
        assert_eq!(left, expected.is_some(), "{html}: {}", there.frames[0].address);
        page.close();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_may_call_roles_and_tags_what_every_object_of_a_script_has() {
    let site = Site::open().await;
    site.page(
        "/",
        "<div role=constructor><input name=by_role></div><constructor><input name=by_tag></constructor>\
         <div role=__proto__><input name=by_prototype></div>",
    );
    let browser = browser().await;
    let context = context(&browser).await;
    let page = opened(&context, &site.here()).await;
    let snapshot = seen(&page).await;
    for name in ["by_role", "by_tag", "by_prototype"] {
        field(&snapshot, name);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_picture_goes_through_shadow_trees_and_frames_and_knows_decoys() {
    let site = Site::open().await;
    site.page("/", FORMS)
        .page("/inner", "<input name=inner placeholder='Across'><iframe src='@here/deep' height=40></iframe>")
        .page("/same", "<input name=same>")
        .page("/deep", "<input name=deep>");
    let browser = browser().await;
    let context = context(&browser).await;
    let page = opened(&context, &site.here()).await;
    let picture = seen(&page).await;
    assert!(picture.settled);
    let begun = Instant::now();
    page.snapshot().await.unwrap();
    println!("picture: {:?}", begun.elapsed());

    for (name, why) in [
        ("decoy_off", Hidden::OffScreen),
        ("decoy_clear", Hidden::Transparent),
        ("decoy_display", Hidden::Display),
        ("decoy_visibility", Hidden::Visibility),
        ("decoy_height", Hidden::Clipped),
        ("decoy_clip", Hidden::Clipped),
        ("decoy_tiny", Hidden::Tiny),
        ("decoy_aria", Hidden::AriaHidden),
    ] {
        assert_eq!(field(&picture, name).1.hidden, Some(why), "{name}");
    }
    let (main, user) = field(&picture, "user");
    assert_eq!((user.hidden, user.kind, user.max_length), (None, FieldKind::Text, Some(40)));
    assert_eq!((user.words.nearby.as_str(), user.autocomplete.as_str()), ("Your e-mail", "section-a username"));
    assert_eq!(main.forms[user.form.unwrap() as usize].action_path, "/go");
    let (_, pass) = field(&picture, "pass");
    assert_eq!(
        (pass.words.label.as_str(), pass.kind, pass.filled, pass.length),
        ("Password", FieldKind::Password, true, None)
    );
    assert_eq!(field(&picture, "trust").1.checked, Some(false));
    let button = &main.buttons[0];
    assert_eq!(button.action_origin.as_deref(), Some("https://other.example"));
    assert_eq!((button.name.as_str(), button.form, main.links[0].name.as_str()), ("Sign in", user.form, "Forgot?"));
    let alert = main.texts.iter().find(|text| text.text == "Wrong password").unwrap();
    assert_eq!((alert.role, alert.hue), (TextRole::Alert, Hue::Red));
    assert_eq!(main.texts[0].role, TextRole::Heading(1));

    assert_eq!(field(&picture, "closed").1.words.label, "Code");
    assert_eq!(field(&picture, "nested").1.hidden, None);
    assert_eq!(field(&picture, "below").1.hidden, None);

    let (inner, across) = field(&picture, "inner");
    assert_eq!((inner.origin.as_str(), inner.hidden), (site.there().as_str(), false));
    assert!(across.place.y > inner.place.y && across.place.x >= inner.place.x, "placed in the window: {across:?}");
    assert_eq!(field(&picture, "same").0.origin, site.here());
    let (deep, _) = field(&picture, "deep");
    assert_eq!((deep.origin.as_str(), deep.hidden), (site.here().as_str(), false));
    assert_eq!(picture.frames[deep.parent.unwrap() as usize].id, inner.id);
    let frame_of_nobody =
        picture.frames.iter().find(|frame| frame.fields.iter().any(|field| field.words.html_name == "hiddenframe"));
    assert!(frame_of_nobody.is_none_or(|frame| frame.hidden));
    assert!(!serde_json::to_string(&picture).unwrap().contains("\"old\""));
}

#[tokio::test(flavor = "multi_thread")]
async fn secrets_are_covered_in_screenshots() {
    let site = Site::open().await;
    site.page(
        "/",
        "<body style='margin:0;background:white'><style>input{position:absolute;left:0;width:300px;height:40px;border:0;font-size:30px;color:black}</style>
         <input name=pass type=password style='top:0'><input name=code style='top:50px;background:yellow'><input name=plain style='top:100px' value=MMMMMMMMMM>
         <div><template shadowrootmode=closed><input name=closed type=password value=MMMMMM style='position:absolute;left:0;top:150px;width:300px;height:40px;border:0'></template></div>",
    );
    let browser = browser().await;
    let context = context(&browser).await;
    let page = opened(&context, &site.here()).await;
    let picture = seen(&page).await;
    let origins = [site.here()];
    page.type_secret(&reference(&picture, "pass"), b"MMMMMMMM", &origins).await.unwrap();
    page.type_secret(&reference(&picture, "code"), b"MMMMMMMM", &origins).await.unwrap();
    let shot = page.masked_screenshot(ScreenshotFormat::Png).await.unwrap();
    let pixels = image::load_from_memory(&shot).unwrap().to_rgb8();
    let colours = |top: u32| {
        let mut found: Vec<_> = (10..290)
            .flat_map(|x| (top + 5..top + 35).map(move |y| (x, y)))
            .map(|(x, y)| pixels.get_pixel(x, y).0)
            .collect();
        found.sort_unstable();
        found.dedup();
        found
    };
    for top in [0, 50, 150] {
        assert_eq!(colours(top), [[68, 68, 68]], "something shines through at {top}");
    }
    assert!(colours(100).len() > 2, "what is no secret stays to be seen");
    // The page is as it was before.
    let after = page.snapshot().await.unwrap();
    assert!(field(&after, "code").1.secret && field(&after, "code").1.length.is_none());
    assert!(page.holds(&reference(&after, "code"), b"MMMMMMMM").await.unwrap());
    let style: String = site.asked().iter().map(|(_, _, _, body)| body.as_str()).collect();
    assert!(!style.contains("68, 68, 68"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_that_never_rests_is_looked_at_all_the_same() {
    let site = Site::open().await;
    site.page(
        "/",
        "<p id=clock>0</p><input name=user><script>setInterval(() => clock.textContent++, 20); fetch('/never')</script>",
    );
    site.page(
        "/later",
        "<p>wait</p><script>setTimeout(() => document.body.innerHTML = '<input name=late>', 700)</script>",
    );
    let browser = browser().await;
    let context = context(&browser).await;
    let page = opened(&context, &site.here()).await;
    let picture = seen(&page).await;
    assert!(!picture.settled);
    assert_eq!(field(&picture, "user").1.hidden, None);

    page.open(&format!("{}/later", site.here()), LONG).await.unwrap();
    until(&page, |picture| picture.frames[0].fields.iter().any(|field| field.words.html_name == "late")).await;
}
