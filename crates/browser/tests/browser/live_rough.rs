//! Pages that misbehave while a person looks on.

use countersign_browser::{LiveEvent, Screencast};
use countersign_snapshot::Size;

use super::{
    live::{anywhere, colour, frame, hear, is_near, lived, pixels, press},
    *,
};

#[tokio::test(flavor = "multi_thread")]
async fn the_stream_goes_on_across_sites_and_sizes() {
    let site = Site::open().await;
    let full = "<body style='margin:0;background:rgb(0,0,200)' onclick='document.documentElement.requestFullscreen(); resizeTo(300, 200); document.body.style.background=\"rgb(200,0,0)\"'>";
    site.page("/", "<body style='margin:0;background:#fff' onclick='location=\"@there/next\"'>").page("/next", full);
    let browser = browser().await;
    let (_context, _live, page, mut frames) = lived(&browser, &site.here()).await;
    page.set_size(Size { w: 900, h: 700 }, 1.0).await.unwrap();
    frame(&mut frames, |frame| pixels(frame).dimensions() == (900, 700)).await;
    press(&page, 300.0, 300.0);
    frame(&mut frames, |frame| is_near(colour(frame, 600, 600), [0, 0, 200])).await;
    press(&page, 300.0, 300.0);
    let last = frame(&mut frames, |frame| is_near(colour(frame, 600, 600), [200, 0, 0])).await;
    assert_eq!(pixels(&last).dimensions(), (900, 700));
    // The tab is still one that can be gone back in.
    assert_eq!(page.history().await.unwrap(), (true, false));
    page.go_back().await.unwrap();
    frame(&mut frames, |frame| is_near(colour(frame, 600, 600), [255; 3])).await;
    page.go_forward().await.unwrap();
    frame(&mut frames, |frame| is_near(colour(frame, 600, 600), [0, 0, 200])).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_tab_that_crashes_is_told_and_too_many_are_not_opened() {
    let site = Site::open().await;
    site.page("/", "<body style='margin:0' onclick='for (let i = 0; i < 50; i++) window.open(\"/other\" + i)'>").page(
        "/eat",
        "<script>const all = []; setInterval(() => all.push(new Uint8Array(16 << 20).fill(1)), 20)</script>",
    );
    let browser = browser().await;
    let limits = ContextLimits { memory_mib: 200, ..ContextLimits::default() };
    let context = browser.context(ContextOptions { limits, ..options(&browser) }).await.unwrap();
    let page = opened(&context, &site.here()).await;
    let live = context.live(anywhere()).await.unwrap();
    let mut frames = page.start_screencast(Screencast { quality: 60 }).await.unwrap();
    frame(&mut frames, |_| true).await;
    for _ in 0..5 {
        press(&page, 100.0, 100.0);
    }
    hear(&live, |event| (event == LiveEvent::Tabs && live.pages().len() > 1).then_some(())).await;
    assert!(live.pages().len() <= ContextLimits::default().windows);
    live.pages().iter().filter(|other| other.id() != page.id()).for_each(Page::close);

    // It may be gone before its document is said to be there.
    let _ = page.open(&format!("{}/eat", site.here()), LONG).await;
    let crashed = hear(&live, |event| if let LiveEvent::Crashed { page } = event { Some(page) } else { None });
    assert_eq!(crashed.await, page.id());
    let ended = async { while frames.changed().await.is_ok() {} };
    tokio::time::timeout(LONG, ended).await.unwrap();
    assert!(live.pages().iter().all(|other| other.id() != page.id()));
    let another = context.open_page().await.unwrap();
    another.open(&site.here(), LONG).await.unwrap();
}
