//! Nothing that a secret field holds is in any frame, whatever the page does with it.

use countersign_browser::{Input, Page, Screencast, ScreencastFrame as Shown};
use countersign_snapshot::Size;
use tokio::task::JoinHandle;

use super::{
    live::{Frames, anywhere, colour, frame, is_near, key, pixels, press},
    *,
};

const SECRET: &str = "Tr0ub4dor&3-Käse";

/// Where the page of these tests has what may show the secret: x, y, width, height.
const FIELD: [u32; 4] = [100, 100, 300, 40];
const REPEATED: [u32; 4] = [100, 160, 300, 40];
const OTHER: [u32; 4] = [100, 220, 300, 40];
const ECHO: [u32; 4] = [500, 160, 300, 40];
const PIECES: [u32; 4] = [500, 220, 300, 40];
const SECOND: [u32; 4] = [100, 400, 300, 40];
/// What everybody may read, to see that letters are seen.
const OPEN: [u32; 4] = [500, 100, 300, 40];

/// The page's own buttons, each of which shows the secret in another way and then turns the lamp to its colour.
const STEPS: [(&str, f64, [u8; 3]); 8] = [
    ("show", 40.0, [200, 0, 0]),
    ("other", 140.0, [0, 160, 0]),
    ("repeat", 240.0, [0, 0, 200]),
    ("split", 340.0, [200, 200, 0]),
    ("uncover", 440.0, [0, 160, 160]),
    ("swap", 540.0, [160, 0, 160]),
    ("rewrite", 640.0, [90, 90, 90]),
    ("second", 740.0, [240, 120, 0]),
];

/// Builds the page into `root`.
const SCRIPT: &str = r#"
  const font = 'font:24px monospace;box-sizing:border-box;';
  const at = (x, y, w, h) => `position:absolute;left:${x}px;top:${y}px;width:${w}px;height:${h}px;${font}`;
  root.innerHTML = `
    <style>::selection { color: #000; background: #ff0; } button { ${font} font-size: 12px } * { transition: color 1s }</style>
    <input name=pass type=password style="${at(100, 100, 300, 40)}">
    <p id=repeated style="${at(100, 160, 300, 40)}margin:0"></p>
    <input id=other style="${at(100, 220, 300, 40)}">
    <div id=echo style="${at(500, 160, 300, 40)}"></div>
    <div id=pieces style="${at(500, 220, 300, 40)}"></div>
    <div style="${at(500, 100, 300, 40)}">open to all</div>
    <div id=lamp style="${at(900, 100, 100, 100)}"></div>`;
  const find = (id) => root.querySelector('#' + id);
  let field = root.querySelector('[name=pass]');
  const style = field.getAttribute('style');
  const steps = {
    show() { field.type = 'text'; field.focus(); field.select(); },
    other() { find('other').value = field.value; },
    repeat() { find('repeated').textContent = 'It is ' + field.value; },
    split() { find('pieces').replaceChildren(...[...field.value].map((one) => Object.assign(document.createElement('b'), { textContent: one }))); },
    uncover() { for (const el of [field, find('other'), find('repeated')]) { el.style.cssText += ';color:#000;opacity:1;text-indent:0'; el.style.removeProperty('-webkit-text-security'); } },
    swap() { const next = document.createElement('input'); next.setAttribute('style', style); next.value = field.value; field.replaceWith(next); field = next; },
    rewrite() { find('repeated').outerHTML = `<p id=repeated style="${at(100, 160, 300, 40)}margin:0"><i>${field.value}</i></p>`; },
    second() { const next = document.createElement('input'); next.type = 'password'; next.setAttribute('style', style + ';top:400px'); root.append(next); next.value = 'Another-' + field.value.length; next.type = 'text'; },
  };
  field.addEventListener('input', () => { find('echo').textContent = field.value; });
  Object.entries(steps).forEach(([name, step], place) => {
    const button = document.createElement('button');
    button.style.cssText = `position:absolute;left:${place * 100}px;top:300px;width:90px;height:40px`;
    button.textContent = name;
    button.onclick = () => { step(); find('lamp').style.background = `rgb(${LAMPS[place]})`; };
    root.append(button);
  });
"#;

fn page_of(begin: &str) -> String {
    let lamps: Vec<_> = STEPS.iter().map(|(_, _, colour)| colour).collect();
    format!(
        "<!doctype html><meta charset=utf-8><body style='margin:0;background:#fff'><div id=host></div><script>const LAMPS = {lamps:?}; {begin} {SCRIPT}</script>"
    )
}

/// Takes every frame that comes, until it is told to stop.
fn gather(mut frames: Frames) -> JoinHandle<Vec<Arc<Shown>>> {
    tokio::spawn(async move {
        let mut all = Vec::new();
        while frames.changed().await.is_ok() {
            all.extend(frames.borrow_and_update().clone());
        }
        all
    })
}

/// How much the brightest and the darkest within an area differ, its border left out.
fn contrast(picture: &image::RgbImage, [x, y, w, h]: [u32; 4]) -> u8 {
    const BORDER: u32 = 6;
    let mut range = (255, 0);
    for row in y + BORDER..y + h - BORDER {
        for column in x + BORDER..x + w - BORDER {
            let bright = picture.get_pixel(column, row).0.into_iter().max().unwrap_or(0);
            range = (bright.min(range.0), bright.max(range.1));
        }
    }
    range.1 - range.0
}

fn nothing_is_seen(all: &[Arc<Shown>], areas: &[[u32; 4]], what: &str) {
    assert!(all.len() > STEPS.len(), "{what}: only {} frames", all.len());
    let mut letters = false;
    for frame in all {
        let picture = pixels(frame);
        for area in areas {
            let seen = contrast(&picture, *area);
            assert!(seen < 40, "{what}: frame {} shows something at {area:?}: {seen}", frame.number);
        }
        letters |= contrast(&picture, OPEN) > 150;
    }
    assert!(letters, "{what}: letters would not have been noticed");
}

/// Goes through all that the page does, each time until a frame shows that it is done.
async fn step_through(page: &Page, frames: &mut Frames) {
    for (name, x, lamp) in STEPS {
        press(page, x, 320.0);
        frame(frames, |frame| is_near(colour(frame, 950, 150), lamp)).await;
        // Marked as by a person who wants to copy it.
        press(page, 200.0, 120.0);
        key(page, "a", "KeyA", 2);
        assert_eq!(page.selected_text(false).await.unwrap(), None, "{name}");
        for (x, y) in [(200.0, 120.0), (200.0, 180.0), (200.0, 240.0), (600.0, 180.0)] {
            let named = page.name_at(x, y).await.unwrap();
            assert!(!format!("{named:?}").contains(&SECRET[..6]), "{name}: {named:?}");
        }
    }
}

async fn shown(context: &Context, address: &str) -> (countersign_browser::LiveContext, Page, Frames) {
    let page = context.open_page().await.unwrap();
    let live = context.live(anywhere()).await.unwrap();
    page.open(address, LONG).await.unwrap();
    page.set_size(Size { w: 1280, h: 720 }, 1.0).await.unwrap();
    let frames = page.start_screencast(Screencast { quality: 95 }).await.unwrap();
    (live, page, frames)
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_machine_typed_is_in_no_frame() {
    let site = Site::open().await;
    site.page("/", &page_of("const root = document.createElement('div'); document.body.append(root);"))
        .page("/open", &page_of("const root = host.attachShadow({ mode: 'open' });"))
        .page("/closed", &page_of("const root = host.attachShadow({ mode: 'closed' });"))
        .page(
            "/late",
            &page_of("const root = document.createElement('div'); customElements.define('x-late', class extends HTMLElement { constructor() { super(); this.attachShadow({ mode: 'open' }).append(root); } }); document.body.append(document.createElement('x-late'));"),
        )
        .page("/frame", "<!doctype html><body style='margin:0'><iframe src='@there/' style='border:0;width:1200px;height:700px'></iframe>")
        .page("/same", "<!doctype html><body style='margin:0'><iframe src='@here/' style='border:0;width:1200px;height:700px'></iframe>");
    let browser = browser().await;
    for path in ["/", "/open", "/closed", "/late", "/frame", "/same"] {
        let context = context(&browser).await;
        let (_live, page, mut frames) = shown(&context, &format!("{}{path}", site.here())).await;
        let all = gather(frames.clone());
        let picture = seen(&page).await;
        let origins = [site.here(), site.there()];
        page.type_secret(&reference(&picture, "pass"), SECRET.as_bytes(), &origins).await.unwrap();
        step_through(&page, &mut frames).await;
        page.stop_screencast().await.unwrap();
        nothing_is_seen(&all.await.unwrap(), &[FIELD, REPEATED, OTHER, ECHO, PIECES, SECOND], path);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_person_types_into_a_password_field_is_in_no_frame() {
    let site = Site::open().await;
    site.page("/", &page_of("const root = document.createElement('div'); document.body.append(root);"))
        .page("/closed", &page_of("const root = host.attachShadow({ mode: 'closed' });"));
    let browser = browser().await;
    for path in ["/", "/closed"] {
        let context = context(&browser).await;
        let (_live, page, mut frames) = shown(&context, &format!("{}{path}", site.here())).await;
        let all = gather(frames.clone());
        // Covered from the beginning; a closed tree, as soon as the page has come to rest.
        frame(&mut frames, |frame| is_near(colour(frame, 250, 120), [68; 3])).await;
        press(&page, 200.0, 120.0);
        for one in "Tr0ub4dor".chars() {
            key(&page, &one.to_string(), "", 0);
        }
        page.send_input(&Input::Text("&3-Käse".into()));
        step_through(&page, &mut frames).await;
        page.stop_screencast().await.unwrap();
        // The page echoes the first letters before there is anything to compare with.
        nothing_is_seen(&all.await.unwrap(), &[FIELD, REPEATED, OTHER, PIECES, SECOND], path);
    }
}
