use countersign_browser::{BrowserPool, ContextOptions, Error, PageEvent, find_chromium};

use super::*;

/// Waits until the page is told to have done that.
pub(crate) async fn hear(page: &Page, wanted: impl Fn(&PageEvent) -> bool) {
    let listen = async {
        loop {
            let revision = page.revision();
            if page.happenings().0.iter().any(&wanted) {
                return;
            }
            page.changed(revision, SHORT).await.unwrap();
        }
    };
    tokio::time::timeout(LONG, listen).await.expect("it was never heard of");
}

#[tokio::test(flavor = "multi_thread")]
async fn dialogs_windows_downloads_and_prints_are_answered_and_told() {
    let site = Site::open().await;
    site.page(
        "/",
        "<p id=said>-</p><button onclick='print(); alert(\"note\"); said.textContent = confirm(\"sure?\") + \" \" + prompt(\"name?\")'>Ask</button>
         <button onclick='location = \"/file\"'>Load</button>
         <button onclick='for (let i = 0; i < 100; i++) window.open(\"/other?\" + i)'>Many</button>
         <a href='/other' target=_blank rel=noopener>Beside</a>
         <script>addEventListener('beforeunload', (event) => event.preventDefault())</script>",
    )
    .page("/other", "<p>other")
    .page("/file", "bytes");
    let browser = browser().await;
    let context = context(&browser).await;
    let page = opened(&context, &site.here()).await;
    let snapshot = seen(&page).await;
    page.click(&button(&snapshot, "Ask"), SHORT).await.unwrap();
    until(&page, |snapshot| texts(snapshot).contains(&"true null")).await;
    let (happened, _) = page.happenings();
    let kinds: Vec<_> = happened.iter().map(|one| matches!(one, PageEvent::Dialog { .. })).collect();
    assert_eq!(kinds, [true, true, true], "{happened:?}");

    page.click(&button(&snapshot, "Load"), SHORT).await.unwrap();
    hear(&page, |one| matches!(one, PageEvent::Download)).await;

    page.click(&button(&snapshot, "Many"), SHORT).await.unwrap();
    let link = snapshot.frames[0].reference(snapshot.frames[0].links[0].node);
    for _ in 0..6 {
        page.click(&link, SHORT).await.unwrap();
    }
    hear(&page, |one| matches!(one, PageEvent::Window { closed: true, .. })).await;
    assert_eq!(context.pages().len(), ContextLimits::default().windows);
    assert!(matches!(context.open_page().await, Err(Error::NotUsable { .. })));
    context.pages().iter().skip(1).for_each(Page::close);

    // The page asks whether to leave it, and is left.
    page.open(&format!("{}/other", site.here()), LONG).await.unwrap();
    assert_eq!(texts(&seen(&page).await), ["other"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn addresses_that_may_not_be_opened_are_not() {
    let site = Site::open().await;
    site.page("/", "<p>open").page(
        "/jump",
        "<script>location = 'file:///etc/passwd'; setTimeout(() => location = 'http://127.0.0.2:1/', 100)</script>stay",
    );
    let browser = browser().await;
    let policy =
        |host: &str, _: IpAddr, _: u16| if host == "127.0.0.1" { Ok(()) } else { Err("it is private".to_owned()) };
    let context = browser.context(ContextOptions { policy: Arc::new(policy), ..options(&browser) }).await.unwrap();
    let page = opened(&context, &site.here()).await;
    match page.open(&site.there(), LONG).await {
        Err(Error::Refused { address, why }) => assert_eq!((address, why), (site.there(), "it is private".to_owned())),
        other => panic!("{other:?}"),
    }
    assert!(matches!(page.open("file:///etc/passwd", LONG).await, Err(Error::Refused { .. })));
    assert!(matches!(page.open(&format!("{}/die", site.here()), LONG).await, Err(Error::NotOpened { .. })));
    let slow = page.open(&format!("{}/never", site.here()), SHORT).await;
    assert!(matches!(slow, Err(Error::TimedOut { .. })), "{slow:?}");
    page.open(&format!("{}/jump", site.here()), LONG).await.unwrap();
    until(&page, |snapshot| snapshot.frames[0].unreachable).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_that_crashes_or_eats_memory_ends_alone() {
    let site = Site::open().await;
    site.page("/", "<p>calm").page(
        "/eat",
        "<script>const all = []; setInterval(() => all.push(new Uint8Array(16 << 20).fill(1)), 20)</script>",
    );
    let browser = browser().await;
    let limits = ContextLimits { memory_mib: 200, ..ContextLimits::default() };
    let context = browser.context(ContextOptions { limits, ..options(&browser) }).await.unwrap();
    let calm = opened(&context, &site.here()).await;
    let hungry = opened(&context, &format!("{}/eat", site.there())).await;
    let ended = tokio::time::timeout(LONG, async {
        loop {
            if let Err(error) = hungry.changed(hungry.revision(), LONG).await {
                return error;
            }
        }
    });
    assert!(matches!(ended.await.unwrap(), Error::TooMuchMemory { limit_mib: 200 }));
    assert_eq!(texts(&seen(&calm).await), ["calm"]);

    let gone = calm.open("http://127.0.0.1:1/", LONG).await;
    assert!(matches!(gone, Err(Error::NotOpened { .. })), "{gone:?}");
    calm.close();
    assert!(matches!(calm.snapshot().await, Err(Error::PageClosed)));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_chromium_that_is_killed_is_replaced() {
    let site = Site::open().await;
    site.page("/", "<p>here");
    let folder = tempfile::tempdir().unwrap();
    let left = || {
        let entries = std::fs::read_dir(folder.path()).unwrap();
        let names = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap());
        names.filter(|name| !name.starts_with('.')).collect::<std::collections::BTreeSet<_>>()
    };
    let pool = BrowserPool::new(LaunchOptions { folder: Some(folder.path().to_owned()), ..LaunchOptions::default() });
    let first = pool.browser().await.unwrap();
    let id = first.process_id().unwrap();
    let profiles = left();
    assert!(profiles.len() == 1 && profiles.iter().all(|name| name.starts_with("browser-")), "{profiles:?}");
    // What Chromium puts beside its profile goes into it.
    let outer = folder.path().join(profiles.first().unwrap());
    let inner = std::fs::read_dir(&outer).unwrap().map(|entry| entry.unwrap().path()).filter(|path| path.is_dir());
    let beside = std::iter::once(outer.clone()).chain(inner).flat_map(|path| std::fs::read_dir(path).unwrap());
    let beside = beside.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect::<Vec<_>>();
    assert!(beside.iter().any(|name| name.contains("org.chromium")), "{beside:?}");
    assert_eq!(pool.browser().await.unwrap().process_id(), Some(id));
    let context = context(&first).await;
    let page = opened(&context, &site.here()).await;

    let waiting = tokio::spawn({
        let page = page.clone();
        async move { page.open(&format!("{}/never", site.here()), LONG).await }
    });
    let killed = std::process::Command::new("kill").args(["-9", &id.to_string()]).status().unwrap();
    assert!(killed.success());
    assert!(matches!(first.wait().await, Error::BrowserGone { .. }));
    let outcome = waiting.await.unwrap();
    assert!(matches!(outcome, Err(Error::BrowserGone { .. })), "{outcome:?}");
    assert!(matches!(page.snapshot().await, Err(Error::BrowserGone { .. })));

    let second = pool.browser().await.unwrap();
    assert_ne!(second.process_id(), Some(id));
    assert!(second.ended().is_none());
    // Its profile goes with its process.
    first.close().await;
    drop((first, context, page));
    let now = left();
    assert!(
        now.len() == 1 && now.is_disjoint(&profiles),
        "what was killed left {profiles:?}, and now there is {now:?}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn what_one_session_does_to_its_chromium_touches_no_other_and_no_change() {
    let site = Site::open().await;
    site.page("/", "<p>here");
    let pool = BrowserPool::new(LaunchOptions::default());
    let (one, other, change) = (pool.own("one").await, pool.own("other").await, pool.browser().await);
    let (one, other, change) = (one.unwrap(), other.unwrap(), change.unwrap());
    let id = one.process_id().unwrap();
    assert_eq!(pool.own("one").await.unwrap().process_id(), Some(id), "for all that it does");
    assert!(other.process_id() != Some(id) && change.process_id() != Some(id));
    let (theirs, changes) = (context(&other).await, context(&change).await);
    let (theirs, changes) = (opened(&theirs, &site.here()).await, opened(&changes, &site.there()).await);

    assert!(std::process::Command::new("kill").args(["-9", &id.to_string()]).status().unwrap().success());
    assert!(matches!(one.wait().await, Error::BrowserGone { .. }));
    assert_eq!((texts(&seen(&theirs).await), texts(&seen(&changes).await)), (vec!["here"], vec!["here"]));
    assert_ne!(pool.own("one").await.unwrap().process_id(), Some(id));
}

#[tokio::test(flavor = "multi_thread")]
async fn changes_share_a_chromium_in_groups() {
    let pool = BrowserPool::new(LaunchOptions::default());
    let first = pool.browser().await.unwrap();
    let mut contexts = Vec::new();
    for _ in 0..4 {
        let browser = pool.browser().await.unwrap();
        assert_eq!(browser.process_id(), first.process_id());
        contexts.push(context(&browser).await);
    }
    let second = pool.browser().await.unwrap();
    assert_ne!(second.process_id(), first.process_id(), "it is full");
    contexts.push(context(&second).await);
    assert_eq!(pool.browser().await.unwrap().process_id(), second.process_id());
    contexts.remove(0);
    assert_eq!(pool.browser().await.unwrap().process_id(), first.process_id(), "there is room again");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_that_writes_much_to_its_console_ends_nothing() {
    let site = Site::open().await;
    site.page("/", "<p>calm")
        .page("/loud", "<p id=said>-</p><script>console.log('x'.repeat(70 << 20)); said.textContent = 'done'</script>");
    let browser = browser().await;
    let context = context(&browser).await;
    let calm = opened(&context, &site.here()).await;
    let loud = opened(&context, &format!("{}/loud", site.there())).await;
    // Writing so much takes the page longer than a look may take.
    let done = async {
        while !loud.snapshot().await.is_ok_and(|snapshot| texts(&snapshot).contains(&"done")) {
            assert!(browser.ended().is_none() && loud.ended().is_none());
        }
    };
    tokio::time::timeout(LONG * 3, done).await.expect("it never came to that");
    assert_eq!(texts(&seen(&calm).await), ["calm"]);
    assert!(browser.ended().is_none());
}

#[tokio::test]
async fn promise_7_chromium_gets_nothing_of_our_environment_that_it_does_not_need() {
    use std::os::unix::fs::PermissionsExt as _;
    let folder = tempfile::tempdir().unwrap();
    let program = folder.path().join("chromium");
    let seen = folder.path().join("environment");
    std::fs::write(&program, format!("#!/bin/sh\nenv > {}\n", seen.display())).unwrap();
    std::fs::set_permissions(&program, std::fs::Permissions::from_mode(0o755)).unwrap();
    // Cargo sets it for every test.
    assert!(std::env::var_os("CARGO_MANIFEST_DIR").is_some());
    let options = LaunchOptions { program: Some(program), ..LaunchOptions::default() };
    let outcome = Browser::launch(&options).await.map(|_| ());
    assert!(matches!(outcome, Err(Error::NotStarted { .. })), "{outcome:?}");
    let environment = std::fs::read_to_string(seen).unwrap();
    assert!(environment.contains("PATH=") && environment.contains("HOME="), "{environment}");
    assert!(!environment.contains("CARGO"), "{environment}");
}

#[tokio::test]
async fn without_chromium_the_error_says_what_to_do() {
    assert!(find_chromium(None).is_ok());
    let missing = LaunchOptions { program: Some("/nowhere/chromium".into()), ..LaunchOptions::default() };
    let error = Browser::launch(&missing).await.map(|_| ()).unwrap_err().to_string();
    assert!(error.contains("install"), "{error}");
    let other = LaunchOptions { program: Some("/bin/false".into()), ..LaunchOptions::default() };
    let error = Browser::launch(&other).await.map(|_| ()).unwrap_err();
    assert!(matches!(error, Error::NotStarted { .. }), "{error}");
}
