//! Pages that belong to a person.

use std::path::PathBuf;

use countersign_browser::{
    Input, LiveContext, LiveEvent, LiveOptions, MouseButton, Screencast, ScreencastFrame as Shown,
};
use countersign_snapshot::Size;
use tokio::sync::watch;

use super::*;

pub(crate) type Frames = watch::Receiver<Option<Arc<Shown>>>;

pub(crate) fn anywhere() -> LiveOptions {
    LiveOptions { may_open: Arc::new(|_| true), downloads: None }
}

/// A person's context with one page that is shown.
pub(crate) async fn lived(browser: &Browser, address: &str) -> (Context, LiveContext, Page, Frames) {
    let context = context(browser).await;
    let page = opened(&context, address).await;
    let live = context.live(anywhere()).await.unwrap();
    let frames = page.start_screencast(Screencast { quality: 70 }).await.unwrap();
    (context, live, page, frames)
}

pub(crate) async fn hear<T>(live: &LiveContext, wanted: impl Fn(LiveEvent) -> Option<T>) -> T {
    let mut others = Vec::new();
    let listen = async {
        loop {
            let event = live.told().await.unwrap();
            others.push(format!("{event:?}"));
            if let Some(found) = wanted(event) {
                return found;
            }
        }
    };
    let outcome = tokio::time::timeout(LONG, listen).await;
    outcome.unwrap_or_else(|_| panic!("it was never told, only {others:?}"))
}

pub(crate) fn pixels(frame: &Shown) -> image::RgbImage {
    image::load_from_memory_with_format(&frame.jpeg, image::ImageFormat::Jpeg).unwrap().into_rgb8()
}

/// Waits for a frame that is as wanted.
pub(crate) async fn frame(frames: &mut Frames, wanted: impl Fn(&Shown) -> bool) -> Arc<Shown> {
    let wait = frames.wait_for(|frame| frame.as_ref().is_some_and(|frame| wanted(frame)));
    if let Ok(found) = tokio::time::timeout(LONG, wait).await {
        return found.unwrap().clone().unwrap();
    }
    let last = frames.borrow().clone().unwrap();
    panic!("no such frame came; the last was {}, {:?} as {:?}", last.number, last.css, pixels(&last).dimensions())
}

/// The colour at a point of the window.
pub(crate) fn colour(frame: &Shown, x: u32, y: u32) -> [u8; 3] {
    let picture = pixels(frame);
    picture.get_pixel(x * picture.width() / frame.css.w, y * picture.height() / frame.css.h).0
}

pub(crate) fn is_near(colour: [u8; 3], wanted: [u8; 3]) -> bool {
    colour.iter().zip(wanted).all(|(one, other)| one.abs_diff(other) < 30)
}

pub(crate) fn press(page: &Page, x: f64, y: f64) {
    page.send_input(&Input::Move { x, y, buttons: 0 });
    page.send_input(&Input::Down { x, y, button: MouseButton::Left, clicks: 1, modifiers: 0 });
    page.send_input(&Input::Up { x, y, button: MouseButton::Left, clicks: 1, modifiers: 0 });
}

pub(crate) fn key(page: &Page, key: &str, code: &str, modifiers: u8) {
    let text = (key.chars().count() == 1 && modifiers & 6 == 0).then(|| key.to_owned());
    for down in [true, false] {
        let (key, code, text) = (key.to_owned(), code.to_owned(), text.clone());
        page.send_input(&Input::Key { down, key, code, modifiers, text, repeat: false });
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_press_reaches_the_page_and_a_frame_shows_it() {
    let site = Site::open().await;
    site.page(
        "/",
        "<body style='margin:0;background:#fff'><button style='position:absolute;left:100px;top:100px;width:200px;height:80px'
         onclick='document.body.style.background=\"rgb(0,128,0)\"'>Go</button>",
    );
    let browser = browser().await;
    let (_context, _live, page, mut frames) = lived(&browser, &site.here()).await;
    let first = frame(&mut frames, |frame| is_near(colour(frame, 600, 600), [255; 3])).await;
    assert_eq!(first.css, Size { w: 1280, h: 900 });
    press(&page, 200.0, 140.0);
    let second = frame(&mut frames, |frame| is_near(colour(frame, 600, 600), [0, 128, 0])).await;
    assert!(second.number > first.number && second.at > first.at);

    // Sharp: as many pixels as the screen of the person has.
    page.set_size(Size { w: 800, h: 600 }, 2.0).await.unwrap();
    let sharp = frame(&mut frames, |frame| pixels(frame).dimensions() == (1600, 1200)).await;
    assert_eq!(sharp.css, Size { w: 800, h: 600 });
    page.set_size(Size { w: 2560, h: 1600 }, 1.0).await.unwrap();
    let large = frame(&mut frames, |frame| pixels(frame).dimensions() == (2560, 1600)).await;
    assert_eq!(large.css, Size { w: 2560, h: 1600 });

    page.stop_screencast().await.unwrap();
    assert!(frames.changed().await.is_err() || frames.changed().await.is_err());
}

#[tokio::test(flavor = "multi_thread")]
async fn text_keys_and_chords_do_what_they_say() {
    let site = Site::open().await;
    site.page(
        "/",
        "<body style='margin:0'><textarea id=t style='position:absolute;left:0;top:0;width:400px;height:100px'></textarea>
         <iframe src='@there/inner' style='position:absolute;left:0;top:200px;width:400px;height:100px;border:0'></iframe>",
    )
    .page("/inner", "<body style='margin:0'><input name=inner style='width:300px;height:50px'>");
    let browser = browser().await;
    let (_context, live, page, _frames) = lived(&browser, &site.here()).await;
    seen(&page).await;
    press(&page, 50.0, 50.0);
    let writes = |wanted| {
        let is = move |event| if let LiveEvent::Editable { on: true, kind } = event { Some(kind) } else { None };
        hear(&live, move |event| is(event).filter(|kind| kind == wanted))
    };
    writes("multiline").await;
    for (one, code) in [("G", "KeyG"), ("r", "KeyR"), ("ü", "BracketLeft"), ("ß", "Minus"), ("e", "KeyE")] {
        key(&page, one, code, 0);
    }
    page.send_input(&Input::Text(" 🦊 ".into()));
    page.send_input(&Input::Compose("に".into()));
    page.send_input(&Input::Compose("にほん".into()));
    page.send_input(&Input::Text("日本".into()));
    key(&page, "Enter", "Enter", 0);
    key(&page, "€", "KeyE", 3);
    key(&page, "x", "KeyX", 0);
    key(&page, "Backspace", "Backspace", 0);
    // Neither reaches the clipboard, nor takes the text away.
    key(&page, "a", "KeyA", 2);
    key(&page, "x", "KeyX", 2);
    key(&page, "v", "KeyV", 2);
    let held = select_all(&page).await;
    assert_eq!(held, "Grüße 🦊 日本\n€");

    // In a document of another site as well.
    press(&page, 50.0, 225.0);
    writes("text").await;
    page.send_input(&Input::Text("Grüße 日本".into()));
    assert_eq!(select_all(&page).await, "Grüße 日本");
    key(&page, "z", "KeyZ", 2);
    assert_eq!(page.selected_text(false).await.unwrap().as_deref(), Some(""));
    page.send_input(&Input::Text("anew".into()));
    key(&page, "a", "KeyA", 2);
    assert_eq!(page.selected_text(true).await.unwrap().as_deref(), Some("anew"));
    key(&page, "a", "KeyA", 2);
    assert_eq!(page.selected_text(false).await.unwrap().as_deref(), Some(""));
    assert_eq!(live.pages().len(), 1);
}

async fn select_all(page: &Page) -> String {
    key(page, "a", "KeyA", 2);
    page.selected_text(false).await.unwrap().unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn lists_are_told_and_chosen_from_also_in_frames() {
    let list = "<select style='position:absolute;left:10px;top:10px;width:200px;height:30px' onchange='document.title=value'>
         <option value=a>Alpha</option><optgroup label=More><option value=b>Beta</option><option value=c disabled>Gamma</option></optgroup></select>";
    let site = Site::open().await;
    site.page(
        "/",
        &format!("<title>-</title><body>{list}<iframe src='@there/inner' style='position:absolute;left:100px;top:200px;width:400px;height:100px;border:5px solid'></iframe>"),
    )
    .page("/inner", &format!("<body>{list}"));
    let browser = browser().await;
    let (_context, live, page, _frames) = lived(&browser, &site.here()).await;
    seen(&page).await;
    for (x, y, place) in [(50.0, 20.0, [10.0, 10.0, 200.0, 30.0]), (150.0, 230.0, [115.0, 215.0, 200.0, 30.0])] {
        press(&page, x, y);
        let (id, options, chosen, told) = hear(&live, |event| match event {
            LiveEvent::Select { id, options, chosen, place, .. } => Some((id, options, chosen, place)),
            _ => None,
        })
        .await;
        let labels: Vec<_> =
            options.iter().map(|one| (one.label.as_str(), one.disabled, one.group.as_deref())).collect();
        assert_eq!(labels, [("Alpha", false, None), ("Beta", false, Some("More")), ("Gamma", true, Some("More"))]);
        assert_eq!((chosen, told), (Some(0), place));
        page.choose_option(id, Some(1)).await;
        hear(&live, |event| (event == LiveEvent::SelectGone { id }).then_some(())).await;
        press(&page, x, y);
        let (id, chosen) = hear(&live, |event| match event {
            LiveEvent::Select { id, chosen, .. } => Some((id, chosen)),
            _ => None,
        })
        .await;
        assert_eq!(chosen, Some(1));
        press(&page, 700.0, 700.0);
        hear(&live, |event| (event == LiveEvent::SelectGone { id }).then_some(())).await;
    }
    assert_eq!(page.title_and_address().await, ("b".into(), format!("{}/", site.here())));
    assert_eq!(page.name_at(150.0, 230.0).await.unwrap().unwrap().0, "combobox");
}

#[tokio::test(flavor = "multi_thread")]
async fn months_weeks_and_colours_are_told_as_lists_and_dates_are_typed() {
    let site = Site::open().await;
    let at = |top: u32| format!("style='position:absolute;left:10px;top:{top}px;width:200px;height:30px'");
    site.page(
        "/",
        &format!(
            "<title>-</title><body onchange='document.title = event.target.value'>
             <input type=month min=2026-03 max=2027-02 value=2026-11 required {}><input type=color value='#123456' {}>
             <input type=week value=2026-W53 {}><input type=date {}>",
            at(10),
            at(60),
            at(110),
            at(160)
        ),
    );
    let browser = browser().await;
    let (_context, live, page, _frames) = lived(&browser, &site.here()).await;
    seen(&page).await;
    for (y, label, value) in
        [(20.0, "December 2026", "2026-12"), (70.0, "teal", "#008080"), (120.0, "2027-W01", "2027-W01")]
    {
        press(&page, 50.0, y);
        let (id, options, chosen) = hear(&live, |event| match event {
            LiveEvent::Select { id, options, chosen, .. } => Some((id, options, chosen)),
            _ => None,
        })
        .await;
        if y < 30.0 {
            assert_eq!(options.len(), 12);
            assert_eq!((options[0].label.as_str(), chosen), ("March 2026", Some(8)));
        }
        let place =
            options.iter().position(|option| option.label == label).unwrap_or_else(|| panic!("{label}: {options:?}"));
        page.choose_option(id, Some(place)).await;
        titled(&live, &page, value).await;
    }
    press(&page, 30.0, 175.0);
    for digit in "05172026".chars() {
        key(&page, &digit.to_string(), &format!("Digit{digit}"), 0);
    }
    titled(&live, &page, "2026-05-17").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn dialogs_wait_for_the_person_and_too_many_do_not() {
    let site = Site::open().await;
    site.page(
        "/",
        "<title>-</title><body onclick='document.title = confirm(\"sure?\") + \" \" + prompt(\"name?\", \"Ann\")' onkeydown='for (let i = 0; i < 100; i++) alert(i); document.title = \"over\"'>",
    );
    let browser = browser().await;
    let (_context, live, page, _frames) = lived(&browser, &site.here()).await;
    seen(&page).await;
    press(&page, 300.0, 300.0);
    let asked = || {
        hear(&live, |event| match event {
            LiveEvent::Dialog { id, kind, text, value, .. } => Some((id, kind, text, value)),
            _ => None,
        })
    };
    let (id, kind, text, _) = asked().await;
    assert_eq!((kind.as_str(), text.as_str()), ("confirm", "sure?"));
    assert_eq!(page.name_at(10.0, 10.0).await.unwrap(), None);
    page.answer_dialog(id, false, None);
    hear(&live, |event| (event == LiveEvent::DialogGone { id }).then_some(())).await;
    let (id, kind, _, value) = asked().await;
    assert_eq!((kind.as_str(), value.as_str()), ("prompt", "Ann"));
    page.answer_dialog(id, true, Some("Zoë"));
    titled(&live, &page, "false Zoë").await;

    key(&page, "x", "KeyX", 0);
    for _ in 0..10 {
        let (id, ..) = asked().await;
        page.answer_dialog(id, true, None);
    }
    titled(&live, &page, "over").await;
    // Whoever lets go leaves no page waiting.
    press(&page, 300.0, 300.0);
    asked().await;
    drop(live);
    until(&page, |picture| picture.frames[0].title == "true null").await;
}

pub(crate) async fn titled(live: &LiveContext, page: &Page, title: &str) {
    let look = async {
        while page.title_and_address().await.0 != title {
            hear(live, |event| (event == LiveEvent::Tabs).then_some(())).await;
        }
    };
    tokio::time::timeout(LONG, look).await.unwrap_or_else(|_| panic!("never titled {title}"));
}

#[tokio::test(flavor = "multi_thread")]
async fn tabs_are_told_and_other_origins_are_not_opened() {
    let site = Site::open().await;
    site.page(
        "/",
        "<title>first</title><body style='margin:0'><a id=out href='@there/' style='position:absolute;left:0;top:0;width:100px;height:50px'>Out</a>
         <a href='/second' target=_blank style='position:absolute;left:0;top:100px;width:100px;height:50px'>New</a>
         <a href='@there/' target=_blank style='position:absolute;left:0;top:200px;width:100px;height:50px'>New out</a>
         <a href='/jump' style='position:absolute;left:0;top:300px;width:100px;height:50px'>Redirected out</a>
         <iframe src='@there/inner'></iframe>",
    )
    .page("/second", "<title>second</title>two")
    .page("/jump", "<script>location = '@there/'</script>")
    .page("/inner", "inner");
    let browser = browser().await;
    let (context, own) = (context(&browser).await, site.here());
    let page = opened(&context, &own).await;
    let here = own.clone();
    let live =
        context.live(LiveOptions { may_open: Arc::new(move |origin| origin == here), downloads: None }).await.unwrap();
    seen(&page).await;
    let blocked = || hear(&live, |event| if let LiveEvent::Blocked { origin } = event { Some(origin) } else { None });
    press(&page, 20.0, 20.0);
    assert_eq!(blocked().await, site.there());
    assert_eq!(page.title_and_address().await, ("first".into(), format!("{own}/")));

    press(&page, 20.0, 220.0);
    assert_eq!(blocked().await, site.there());
    let alone = async {
        while live.pages().len() > 1 {
            hear(&live, |event| (event == LiveEvent::Tabs).then_some(())).await;
        }
    };
    tokio::time::timeout(LONG, alone).await.unwrap();

    press(&page, 20.0, 120.0);
    let second = async {
        loop {
            for one in live.pages() {
                if one.title_and_address().await.0 == "second" {
                    return one;
                }
            }
            hear(&live, |event| (event == LiveEvent::Tabs).then_some(())).await;
        }
    };
    let second = tokio::time::timeout(LONG, second).await.unwrap();
    assert!(second.is_opened_by_page());
    second.close();

    assert!(matches!(page.open(&site.there(), LONG).await, Err(countersign_browser::Error::Refused { .. })));
    press(&page, 20.0, 320.0);
    assert_eq!(blocked().await, site.there());
    assert!(page.history().await.unwrap().0);
}

#[tokio::test(flavor = "multi_thread")]
async fn files_go_in_and_out_where_that_is_allowed() {
    let site = Site::open().await;
    site.page(
        "/",
        "<title>-</title><body style='margin:0'><input type=file multiple onchange='document.title=[...files].map((file) => file.name + file.size).join()' style='position:absolute;left:0;top:0;width:100px;height:50px'>
         <a href='/file' style='position:absolute;left:0;top:100px;width:100px;height:50px'>Load</a>",
    )
    .page("/file", "bytes of it");
    let folder = tempfile::tempdir().unwrap();
    let browser = browser().await;
    let context = context(&browser).await;
    let page = opened(&context, &site.here()).await;
    let live = context.live(LiveOptions { downloads: Some(folder.path().to_owned()), ..anywhere() }).await.unwrap();
    press(&page, 20.0, 20.0);
    let wanted = hear(&live, |event| match event {
        LiveEvent::FileWanted { id, multiple, .. } => Some((id, multiple)),
        _ => None,
    });
    let (id, multiple) = wanted.await;
    assert!(multiple);
    let path = folder.path().join("note.txt");
    std::fs::write(&path, "hello").unwrap();
    page.give_files(id, &[path]).await;
    titled(&live, &page, "note.txt5").await;

    let ended = || {
        hear(&live, |event| match event {
            LiveEvent::DownloadEnded { name, size, path, .. } => Some((name, size, path)),
            _ => None,
        })
    };
    let files = || std::fs::read_dir(folder.path()).unwrap().count();
    press(&page, 20.0, 120.0);
    let (_, size, path): (String, u64, Option<PathBuf>) = ended().await;
    assert_eq!((size, path, files()), (0, None, 1), "not one byte is stored before it is let in");
    live.let_download(true);
    press(&page, 20.0, 120.0);
    let (name, size, path): (String, u64, Option<PathBuf>) = ended().await;
    assert_eq!((name.as_str(), size), ("a.bin", 11));
    assert_eq!(std::fs::read_to_string(path.unwrap()).unwrap(), "bytes of it");

    let live = context.live(anywhere()).await.unwrap();
    press(&page, 20.0, 120.0);
    let refused =
        hear(&live, |event| if let LiveEvent::DownloadEnded { path, .. } = event { Some(path) } else { None });
    assert_eq!(refused.await, None);
}
