//! Windows that pages open to go on there, and the browser's own for name and password.

use countersign_browser::{Error, PageEvent};

use super::{bounds::hear, *};

/// Waits for the window that `page` opens.
async fn opened_by(context: &Context, page: &Page) -> Page {
    hear(page, |one| matches!(one, PageEvent::Window { closed: false, .. })).await;
    context.page_opened_by(page).expect("the tab is there")
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sign_in_in_a_window_that_closes_itself_can_be_followed_there_and_back() {
    let site = Site::open().await;
    site.page(
        "/",
        "<p id=state>out</p><button onclick='open(\"/in\", \"login\", \"width=500,height=400\")'>Log in</button>
         <script>addEventListener('message', (event) => state.textContent = event.data)</script>",
    )
    .page("/in", "<form action=/done><input name=user><button>Go</button></form>")
    .page("/done", "<p>Thank you<script>opener.postMessage('in', '*'); window.close()</script>");
    let browser = browser().await;
    let context = context(&browser).await;
    let page = opened(&context, &site.here()).await;
    assert!(context.page_opened_by(&page).is_none() && page.opener().is_none());
    page.click(&button(&seen(&page).await, "Log in"), SHORT).await.unwrap();
    let window = opened_by(&context, &page).await;
    assert_eq!(window.opener().unwrap().id(), page.id());
    let snapshot = loop {
        let snapshot = until(&window, |snapshot| snapshot.frames[0].fields.len() == 1).await;
        match window.type_text(&reference(&snapshot, "user"), "mara").await {
            // It had only just come.
            Err(Error::Stale) => {}
            other => break other.map(|_| snapshot).unwrap(),
        }
    };
    // The window may be gone before the press has an answer.
    let pressed = window.click(&button(&snapshot, "Go"), SHORT).await;
    assert!(matches!(pressed, Ok(()) | Err(Error::PageClosed)), "{pressed:?}");
    let id = window.id().to_owned();
    hear(&page, |one| *one == PageEvent::WindowClosed { page: id.clone() }).await;
    assert!(context.page_opened_by(&page).is_none());
    assert!(matches!(window.ended(), Some(Error::PageClosed)));
    assert_eq!(window.opener().unwrap().id(), page.id());
    until(&page, |snapshot| texts(snapshot).contains(&"in")).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_form_that_answers_in_a_new_tab_can_be_followed() {
    let site = Site::open().await;
    site.page("/", "<form action=/go method=post target=_blank><input name=user><button>Go</button></form><a href=/go target=_blank rel='noopener noreferrer'>Beside</a>")
        .page("/go", "<p>welcome");
    let browser = browser().await;
    let context = context(&browser).await;
    let other = opened(&context, &format!("{}/go", site.here())).await;
    let page = opened(&context, &site.here()).await;
    let snapshot = seen(&page).await;
    page.type_text(&reference(&snapshot, "user"), "mara").await.unwrap();
    page.click(&button(&snapshot, "Go"), SHORT).await.unwrap();
    let tab = opened_by(&context, &page).await;
    until(&tab, |snapshot| texts(snapshot).contains(&"welcome")).await;
    tab.close();
    assert!(site.asked().iter().any(|(method, _, _, body)| method == "POST" && body == "user=mara"));

    // It belongs to the page that was pressed, though it wants no tie to it.
    let link = snapshot.frames[0].reference(snapshot.frames[0].links[0].node);
    page.click(&link, SHORT).await.unwrap();
    let tab = opened_by(&context, &page).await;
    until(&tab, |snapshot| texts(snapshot).contains(&"welcome")).await;
    assert!(context.page_opened_by(&other).is_none());
}

#[tokio::test(flavor = "multi_thread")]
async fn the_browsers_own_sign_in_does_not_hang_and_is_told() {
    let site = Site::open().await;
    site.page("/basic", "<p>welcome");
    let browser = browser().await;
    let context = context(&browser).await;
    let page = context.open_page().await.unwrap();
    page.open(&format!("{}/basic", site.here()), LONG).await.unwrap();
    let answer = seen(&page).await.answer.unwrap();
    assert_eq!((answer.status, answer.sign_in_scheme.as_deref()), (401, Some("basic")));

    let (here, there) = ([site.here()], [site.there()]);
    let elsewhere = page.answer_sign_in("mara", b"hunter2", &there, LONG).await;
    assert!(matches!(elsewhere, Err(Error::WrongOrigin { .. })), "{elsewhere:?}");
    assert_eq!(seen(&page).await.answer.unwrap().status, 401);
    // Refused: asked twice, answered once.
    assert!(page.answer_sign_in("mara", b"wrong", &here, LONG).await.unwrap());
    assert_eq!(seen(&page).await.answer.unwrap().sign_in_scheme.as_deref(), Some("basic"));
    assert!(page.answer_sign_in("mara", b"hunter2", &here, LONG).await.unwrap());
    let snapshot = until(&page, |snapshot| texts(snapshot).contains(&"welcome")).await;
    assert_eq!(snapshot.answer.unwrap().sign_in_scheme, None);
    assert!(!page.answer_sign_in("mara", b"hunter2", &here, LONG).await.unwrap());
}

#[tokio::test(flavor = "multi_thread")]
async fn only_the_pages_own_document_is_answered_for() {
    let site = Site::open().await;
    site.page("/", "<p>page</p><img src=/basic/picture><iframe src='/basic/frame'></iframe><iframe src='@there/basic/frame'></iframe>")
        .page("/basic/frame", "<p>welcome")
        .page("/basic/picture", "x");
    let browser = browser().await;
    let context = context(&browser).await;
    let page = opened(&context, &site.here()).await;
    assert!(texts(&seen(&page).await).contains(&"page"));
    assert!(!page.answer_sign_in("mara", b"hunter2", &[site.here(), site.there()], LONG).await.unwrap());
    assert!(!texts(&seen(&page).await).contains(&"welcome"));
}
