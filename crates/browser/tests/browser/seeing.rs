//! Seeing as people do: what is drawn in place of lines, what covers a page, what was said and is gone.

use countersign_snapshot::TextRole;

use super::*;

const BOXES: &str = "<style>.row{position:relative;display:flex;gap:8px;width:300px;height:48px}.bx{flex:1;border:1px solid #888}
  .row input{position:absolute;inset:0;width:100%;height:100%;color:transparent;background:transparent;border:0;caret-color:transparent}</style>";

#[tokio::test(flavor = "multi_thread")]
async fn a_line_under_or_over_drawn_boxes_is_seen_and_typed_into() {
    let site = Site::open().await;
    let row = |style: &str, count: usize| {
        format!(
            "{BOXES}<form><div class=row>{}<input name=code style='{style}'></div></form>",
            "<span class=bx></span>".repeat(count)
        )
    };
    site.page("/clear", &row("opacity:0", 6))
        .page("/opaque", &row("opacity:1", 6))
        .page("/eight", &row("opacity:0", 8))
        .page("/two", &row("opacity:0", 2))
        .page(
            "/apart",
            &format!("{BOXES}<div style='position:relative;width:300px'><div style='display:flex'><div style='display:flex'>{0}</div><div>-</div><div style='display:flex'>{0}</div></div>
             <div style='position:absolute;inset:0;pointer-events:none'><input name=code style='position:absolute;inset:0;width:100%;height:100%;color:transparent;background:transparent;border:0;pointer-events:all'></div></div>",
             "<div style='width:40px;height:48px;border:1px solid'></div>".repeat(3)),
        )
        .page("/decoy", "<form><p>Some words</p><input name=code style='opacity:0'></form>")
        .page("/words", "<form><div style='position:relative;width:300px;height:40px'><span>one</span> <span>two</span> <span>six</span><input name=code style='position:absolute;inset:0;opacity:0'></div></form>");
    let browser = browser().await;
    let context = context(&browser).await;
    let page = context.open_page().await.unwrap();
    for (path, drawn) in
        [("/clear", 6), ("/opaque", 6), ("/eight", 8), ("/two", 0), ("/apart", 3), ("/decoy", 0), ("/words", 0)]
    {
        page.open(&format!("{}{path}", site.here()), LONG).await.unwrap();
        let snapshot = seen(&page).await;
        let (_, code) = field(&snapshot, "code");
        assert_eq!((code.drawn_boxes, code.hidden.is_none()), (drawn, drawn > 0), "{path}: {code:?}");
        assert!(!code.covered, "{path}");
        let typed = page.type_token(&reference(&snapshot, "code"), b"120056", &[site.here()], MAY_SEND_ITSELF).await;
        assert_eq!(typed.is_ok(), drawn > 0, "{path}: {typed:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn lines_that_nobody_sees_hide_none_that_is_shown() {
    let site = Site::open().await;
    let hidden = "<input name=hidden>".repeat(2_000);
    site.page("/", &format!("<div style='display:none'>{hidden}</div><form><input name=shown type=password></form>"));
    let browser = browser().await;
    let context = context(&browser).await;
    let page = opened(&context, &site.here()).await;
    let snapshot = seen(&page).await;
    assert!(field(&snapshot, "shown").1.hidden.is_none());
    let kept = snapshot.frames[0].fields.iter().filter(|field| field.hidden.is_some()).count();
    assert!((1..1_000).contains(&kept), "{kept}");
    assert!(snapshot.frames[0].cut);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_line_drawn_as_dots_says_so_and_our_own_cover_is_none() {
    let site = Site::open().await;
    site.page(
        "/",
        "<input name=dots style='-webkit-text-security:disc'><input name=plain><input name=pass type=password>",
    );
    let browser = browser().await;
    let context = context(&browser).await;
    let page = opened(&context, &site.here()).await;
    let masked = |snapshot: &PageSnapshot| ["dots", "plain", "pass"].map(|name| field(snapshot, name).1.masked);
    assert_eq!(masked(&seen(&page).await), [true, false, false]);
    let may_open = Arc::new(|_: &str| true);
    let _live = context.live(countersign_browser::LiveOptions { may_open, downloads: None }).await.unwrap();
    let snapshot = seen(&page).await;
    for name in ["dots", "plain"] {
        page.type_secret(&reference(&snapshot, name), b"hunter2", &[site.here()]).await.unwrap();
    }
    assert_eq!(masked(&seen(&page).await), [true, false, false]);
}

#[tokio::test(flavor = "multi_thread")]
async fn frames_in_shadow_trees_are_looked_into() {
    let site = Site::open().await;
    for mode in ["open", "closed"] {
        site.page(
            &format!("/{mode}"),
            &format!("<div id=host></div><script>const f = document.createElement('iframe'); f.src = '/inner'; f.style = 'width:400px;height:300px';
             host.attachShadow({{ mode: '{mode}' }}).append(f);</script>"),
        );
    }
    site.page("/inner", "<input name=user><input name=pass type=password><button onclick='document.body.textContent = \"pressed\"'>Go</button>");
    let browser = browser().await;
    let context = context(&browser).await;
    let page = context.open_page().await.unwrap();
    for mode in ["open", "closed"] {
        page.open(&format!("{}/{mode}", site.here()), LONG).await.unwrap();
        let snapshot =
            until(&page, |snapshot| snapshot.frames.len() == 2 && !snapshot.frames[1].fields.is_empty()).await;
        assert!(!snapshot.frames[1].hidden, "{mode}");
        page.type_secret(&reference(&snapshot, "pass"), b"hunter2", &[site.here()]).await.unwrap();
        page.click(&button(&snapshot, "Go"), SHORT).await.unwrap();
        until(&page, |snapshot| texts(snapshot).contains(&"pressed")).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cover_that_only_says_to_wait_is_told() {
    let site = Site::open().await;
    let under = "<form><input name=user><button>Go</button></form>";
    let over = "position:fixed;inset:0;background:rgba(255,255,255,.8)";
    site.page("/plain", under)
        .page("/wait", &format!("{under}<div style='{over}'><p>Please wait</p></div>"))
        .page("/spin", &format!("<div id=app></div><div style='{over}'><div class=spinner style='width:40px;height:40px'></div></div>"))
        .page("/aria", &format!("<main aria-busy=true>{under}</main>"))
        .page("/dialog", &format!("{under}<div style='{over}'></div><div role=dialog style='position:fixed;left:200px;top:100px;width:600px;height:500px;background:#fff'><p>Sure?</p><button>Yes</button></div>"))
        .page("/sheet", &format!("{under}<div style='{over}'><p>We use cookies</p><button>Fine</button></div>"))
        .page("/thanks", "<div style='position:absolute;inset:0;background:#fff'><p>Thank you. You may close this window.</p></div>");
    let browser = browser().await;
    let context = context(&browser).await;
    let page = context.open_page().await.unwrap();
    for (path, busy) in [
        ("/plain", false),
        ("/wait", true),
        ("/spin", true),
        ("/aria", true),
        ("/dialog", false),
        ("/sheet", false),
        ("/thanks", false),
    ] {
        page.open(&format!("{}{path}", site.here()), LONG).await.unwrap();
        assert_eq!(seen(&page).await.busy, busy, "{path}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_said_and_is_gone_is_told_for_a_while() {
    let site = Site::open().await;
    site.page(
        "/",
        "<form onsubmit='event.preventDefault(); note.textContent = \"Wrong password\"; setTimeout(() => note.textContent = \"\", 150); setTimeout(() => document.title = \"over\", 200)'>
         <input name=user><p id=note style='color:red'></p><p id=clock></p><button>Go</button></form>
         <script>setInterval(() => clock.textContent = Date.now(), 20)</script>",
    );
    site.page(
        "/old",
        "<form><p id=note style='color:red'>Fill this in</p><input name=user oninput='note.remove()'></form>",
    );
    let browser = browser().await;
    let context = context(&browser).await;
    let page = opened(&context, &site.here()).await;
    let snapshot = seen(&page).await;
    page.click(&button(&snapshot, "Go"), SHORT).await.unwrap();
    let after = until(&page, |snapshot| snapshot.frames[0].title == "over").await;
    let said = after.frames[0].texts.iter().find(|text| text.text == "Wrong password").expect("it is told");
    assert_eq!(said.role, TextRole::Alert);

    // Another text may have taken its place, and a clock that counts is no news.
    site.page(
        "/other",
        "<form onsubmit='event.preventDefault(); note.textContent = \"Wrong password\"; setTimeout(() => note.textContent = \"Try once more\", 150); setTimeout(() => document.title = \"over\", 200)'>
         <p id=note style='color:red'></p><p class=alert id=clock>Wait 99 s</p><button>Go</button></form>
         <script>let left = 99; setInterval(() => clock.textContent = `Wait ${--left} s`, 60)</script>",
    );
    page.open(&format!("{}/other", site.here()), LONG).await.unwrap();
    page.click(&button(&seen(&page).await, "Go"), SHORT).await.unwrap();
    let after = until(&page, |snapshot| snapshot.frames[0].title == "over").await;
    let said = texts(&after);
    assert!(said.contains(&"Wrong password") && said.contains(&"Try once more"), "{said:?}");
    assert_eq!(said.iter().filter(|text| text.starts_with("Wait ")).count(), 1, "{said:?}");

    // What stood there before one acted is no answer to it.
    page.open(&format!("{}/old", site.here()), LONG).await.unwrap();
    let snapshot = until(&page, |snapshot| texts(snapshot).contains(&"Fill this in")).await;
    page.type_text(&reference(&snapshot, "user"), "mara").await.unwrap();
    assert!(!texts(&seen(&page).await).contains(&"Fill this in"));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_opens_something_is_a_button_that_says_so() {
    let site = Site::open().await;
    site.page(
        "/",
        "<a href='#' data-toggle=dropdown>Account</a> <a href='#' data-bs-toggle=collapse>More</a> <a role=button>Sign in</a>
         <a href='/x' role=button>Go</a> <details><summary>Security</summary><p>inside</p></details> <a href='/y'>Plain</a>
         <button popovertarget=p>Menu</button><div id=p popover>x</div>",
    );
    let browser = browser().await;
    let context = context(&browser).await;
    let page = opened(&context, &site.here()).await;
    let frame = &seen(&page).await.frames[0];
    let opens: Vec<_> = frame.buttons.iter().map(|button| (button.name.as_str(), button.opens)).collect();
    let wanted =
        [("Account", true), ("More", true), ("Sign in", false), ("Go", false), ("Security", true), ("Menu", true)];
    assert_eq!(opens, wanted);
    assert_eq!(frame.links.iter().map(|link| link.name.as_str()).collect::<Vec<_>>(), ["Plain"]);
}
