//! Typing as people do, on pages that want it so.

use countersign_browser::{Error, Key, TokenForm, TypingResult};
use countersign_snapshot::SentRequests;

use super::*;

const SENT: TypingResult = TypingResult { sent_itself: true };
const NOT_SENT: TypingResult = TypingResult { sent_itself: false };

/// A form with name and password, whose lines have these attributes, and a button that sleeps.
fn form(lines: &str, script: &str) -> String {
    format!(
        "<form action=/go method=post><input name=user {lines}><input name=pass type=password {lines}>
         <button disabled>Send</button></form>
         <script>const [user, pass] = document.querySelectorAll('input'), button = document.querySelector('button');{script}</script>"
    )
}

#[tokio::test(flavor = "multi_thread")]
async fn buttons_that_wake_by_keys_or_by_leaving_are_pressed_and_others_named() {
    let site = Site::open().await;
    let wake = "button.disabled = !(user.value && pass.value)";
    let keys =
        "let heard = []; for (const kind of ['keydown', 'keypress', 'beforeinput', 'input', 'keyup', 'change', 'blur'])
        user.addEventListener(kind, (event) => heard.push(kind + (event.keyCode ? event.keyCode : '')));
        button.onclick = () => { document.title = heard.join(' '); };";
    site.page("/keyup", &form("", &format!("{keys} for (const one of [user, pass]) one.onkeyup = () => {{ {wake} }}")))
        .page("/blur", &form("", &format!("for (const one of [user, pass]) one.onblur = () => {{ {wake} }}")))
        .page("/change", &form("", &format!("for (const one of [user, pass]) one.onchange = () => {{ {wake} }}")))
        .page("/later", &form("", &format!("pass.onkeyup = () => setTimeout(() => {{ {wake} }}, 400)")))
        .page("/asleep", &form("", ""))
        .page("/go", "<p>thank you");
    let browser = browser().await;
    let context = context(&browser).await;
    let page = context.open_page().await.unwrap();
    for path in ["/keyup", "/blur", "/change", "/later", "/asleep"] {
        page.open(&format!("{}{path}", site.here()), LONG).await.unwrap_or_else(|error| panic!("{path}: {error}"));
        let snapshot = seen(&page).await;
        assert_eq!(page.type_text(&reference(&snapshot, "user"), "A1").await.unwrap(), NOT_SENT);
        page.type_secret(&reference(&snapshot, "pass"), b"hunter2", &[site.here()]).await.unwrap();
        let pressed = page.click(&button(&snapshot, "Send"), if path == "/asleep" { SHORT } else { LONG }).await;
        if path == "/asleep" {
            assert!(matches!(pressed, Err(Error::ButtonAsleep)), "{pressed:?}");
        } else {
            pressed.unwrap_or_else(|error| panic!("{path}: {error}"));
            until(&page, |snapshot| texts(snapshot).contains(&"thank you")).await;
        }
    }
    let sent = site.asked().into_iter().filter(|(method, ..)| method == "POST").count();
    assert_eq!(sent, 4);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_sent_is_counted_once_a_server_has_heard_of_it() {
    let site = Site::open().await;
    let form = |script: &str| {
        format!("<form action=/go method=post><input name=a><button>Send</button></form><script>{script}</script>")
    };
    site.page("/form", &form(""))
        .page("/script", &form("document.querySelector('form').onsubmit = () => { fetch('/go', {method: 'POST'}).then(() => { document.title = 'heard'; }); return false; }"))
        .page("/look", &form("document.querySelector('form').onsubmit = () => { fetch('/go').then(() => { document.title = 'heard'; }); return false; }"))
        .page("/go", "<title>heard</title><p>thank you");
    let browser = browser().await;
    let context = context(&browser).await;
    for (path, counted) in [("/form", (1, 0)), ("/script", (0, 1)), ("/look", (0, 0))] {
        let page = opened(&context, &format!("{}{path}", site.here())).await;
        let before = seen(&page).await;
        assert_eq!(before.sendings, Some(SentRequests::default()), "{path}");
        assert!(!before.reloaded);
        page.click(&button(&before, "Send"), LONG).await.unwrap();
        let after = until(&page, |snapshot| snapshot.frames[0].title == "heard").await;
        let (documents, scripts) = counted;
        assert_eq!(after.sendings, Some(SentRequests { documents, scripts }), "{path}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_that_was_loaded_again_says_so() {
    let site = Site::open().await;
    site.page("/", "<title>first</title><script>if (sessionStorage.been) document.title = 'second'; else { sessionStorage.been = 1; location.reload(); }</script>");
    let browser = browser().await;
    let context = context(&browser).await;
    let page = opened(&context, &site.here()).await;
    let snapshot = until(&page, |snapshot| snapshot.frames[0].title == "second").await;
    assert!(snapshot.reloaded);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_that_freezes_while_it_is_typed_into_is_told_as_one_that_takes_too_long() {
    let site = Site::open().await;
    site.page("/", &form("", "pass.onkeydown = () => { for (;;); }"));
    let browser = browser().await;
    let context = context(&browser).await;
    let page = opened(&context, &site.here()).await;
    let snapshot = seen(&page).await;
    let typed = page.type_secret(&reference(&snapshot, "pass"), b"hunter2", &[site.here()]).await;
    assert!(matches!(typed, Err(Error::TimedOut { .. })), "{typed:?}");
    page.close();
}

/// The line for a password, whatever it is called.
fn password_of(snapshot: &PageSnapshot) -> ElementRef {
    let frame = &snapshot.frames[0];
    let field = frame.fields.iter().find(|field| field.secret).unwrap();
    frame.reference(field.node)
}

/// A form's attributes, its button's, a script beside it, and where it may go: nowhere when the password would be in the
/// address.
fn ways_of_sending() -> Vec<(&'static str, &'static str, &'static str, Option<&'static str>)> {
    let by_script = "f.onsubmit = (event) => { event.preventDefault(); fetch('/fetched', {method: 'POST'}); }";
    let late =
        "addEventListener('submit', (event) => { event.preventDefault(); fetch('/fetched', {method: 'POST'}); })";
    let sends_itself = "f.querySelector('button').onclick = (event) => { event.preventDefault(); f.submit(); }";
    let goes = "f.onsubmit = (event) => { event.preventDefault(); location.href = '/went?p=' + encodeURIComponent(f.pass.value); }";
    let shadow =
        "const host = document.createElement('div'); f.before(host); host.attachShadow({mode: 'open'}).append(f);";
    let nameless = "f.pass.removeAttribute('name')";
    vec![
        ("method=get", "", "", None),
        ("method=GET target=_blank", "", "", None),
        ("method=post", "formmethod=get", "", None),
        ("", "", "", None),
        ("method=put", "", "", None),
        ("method=get", "", sends_itself, None),
        ("method=post", "", goes, None),
        ("method=get", "", shadow, None),
        ("method=post", "", "", Some("/went")),
        ("method=get", "formmethod=post", "", Some("/went")),
        ("method=post enctype=text/plain", "", "", Some("/went")),
        ("", "", by_script, Some("/fetched")),
        ("method=get", "", late, Some("/fetched")),
        ("method=get", "", nameless, Some("/went")),
    ]
}

#[tokio::test(flavor = "multi_thread")]
async fn promise_4_no_password_gets_into_an_address() {
    let site = Site::open().await;
    let form = |attributes: &str, button: &str, script: &str| {
        format!(
            "<form id=f action=/went {attributes}><input name=user value=mara><input type=password name=pass>
             <button {button}>Send</button></form><script>const f = document.getElementById('f'); {script}</script>"
        )
    };
    site.page("/went", "<p>thank you").page("/fetched", "");
    let browser = browser().await;
    let context = context(&browser).await;
    for (attributes, of_button, script, goes_to) in ways_of_sending() {
        let case = format!("{attributes} {of_button} {script}");
        site.page("/", &form(attributes, of_button, script));
        let before = site.asked().len();
        let page = opened(&context, &site.here()).await;
        let snapshot = seen(&page).await;
        page.type_secret(&password_of(&snapshot), b"hunter2 & more", &[site.here()]).await.unwrap();
        page.click(&button(&snapshot, "Send"), LONG).await.unwrap();
        let went = || {
            let asked = site.asked();
            asked[before..].iter().map(|(_, path, ..)| path.clone()).find(|path| path == "/went" || path == "/fetched")
        };
        match goes_to {
            None => {
                let snapshot = until(&page, |snapshot| snapshot.frames[0].kept_back).await;
                assert_eq!(snapshot.frames[0].address, format!("{}/", site.here()), "{case}");
                assert_eq!(went(), None, "{case}");
            }
            Some(wanted) => {
                let arrived = async {
                    while went().is_none() {
                        tokio::time::sleep(Duration::from_millis(20)).await;
                    }
                };
                tokio::time::timeout(LONG, arrived).await.unwrap_or_else(|_| panic!("{case}"));
                assert_eq!(went().as_deref(), Some(wanted), "{case}");
                assert!(!seen(&page).await.frames[0].kept_back, "{case}");
            }
        }
        page.close();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_key_has_all_its_events_in_their_order() {
    let site = Site::open().await;
    site.page(
        "/",
        "<input name=user><script>const user = document.querySelector('input'), heard = [];
         for (const kind of ['keydown', 'keypress', 'beforeinput', 'input', 'keyup']) user.addEventListener(kind, (event) => {
           heard.push(kind + (event.keyCode ?? '') + (event.key ?? event.data)); document.title = heard.join(' '); });</script>",
    );
    let browser = browser().await;
    let context = context(&browser).await;
    let page = opened(&context, &site.here()).await;
    let snapshot = seen(&page).await;
    page.type_text(&reference(&snapshot, "user"), "a7").await.unwrap();
    let wanted =
        "keydown65a keypress97a beforeinputa inputa keyup65a keydown557 keypress557 beforeinput7 input7 keyup557";
    let after = until(&page, |snapshot| snapshot.frames[0].title.ends_with("keyup557")).await;
    assert_eq!(after.frames[0].title.chars().take(160).collect::<String>(), wanted);
}

#[tokio::test(flavor = "multi_thread")]
async fn lines_that_open_or_are_swapped_when_the_keyboard_comes_are_followed() {
    let site = Site::open().await;
    let stand_in = "<form><input name=user style='position:absolute;left:20px;top:20px;width:200px;height:30px' onfocus='this.style.display=\"none\"; real.style.display=\"\"; real.focus()'>
        <input id=real name=real style='display:none;position:absolute;left:20px;top:20px;width:200px;height:30px'>
        <input name=pass type=password style='position:absolute;left:20px;top:60px;width:200px;height:30px'></form>";
    let thief = "<form><input name=user onfocus='setTimeout(() => other.focus(), 0)'><p style='height:80px'><input id=other name=other></form>";
    site.page("/readonly", "<input name=user readonly onfocus='this.removeAttribute(\"readonly\")'>")
        .page("/late", "<input name=user readonly onfocus='setTimeout(() => this.readOnly = false, 50)'>")
        .page("/click", "<input name=user readonly onclick='this.readOnly = false'>")
        .page("/swap", stand_in)
        .page("/thief", thief)
        .page("/keypad", "<input name=user readonly><button type=button onclick='document.querySelector(\"input\").value += 1'>1</button>")
        .page("/deaf", "<input name=user onkeydown='event.preventDefault()'><button type=button>1</button>");
    let browser = browser().await;
    let context = context(&browser).await;
    let page = context.open_page().await.unwrap();
    let origins = [site.here()];
    for path in ["/readonly", "/late", "/click", "/swap", "/thief", "/keypad", "/deaf"] {
        page.open(&format!("{}{path}", site.here()), LONG).await.unwrap();
        let snapshot = seen(&page).await;
        let outcome = page.type_secret(&reference(&snapshot, "user"), b"hunter2", &origins).await;
        match path {
            "/keypad" | "/deaf" => assert!(matches!(outcome, Err(Error::TakesNoTyping)), "{path}: {outcome:?}"),
            _ => assert_eq!(outcome.unwrap_or_else(|error| panic!("{path}: {error}")), NOT_SENT, "{path}"),
        }
        let holds = |name: &'static str, text: &'static str| {
            let (page, snapshot) = (&page, &snapshot);
            async move { page.holds(&reference(snapshot, name), text.as_bytes()).await.unwrap() }
        };
        match path {
            "/swap" => assert!(holds("real", "hunter2").await && holds("user", "").await),
            "/thief" => assert!(holds("user", "hunter2").await && holds("other", "").await),
            "/keypad" | "/deaf" => assert!(holds("user", "").await),
            _ => assert!(holds("user", "hunter2").await, "{path}"),
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_line_makes_of_what_is_typed_counts_by_what_matters() {
    let site = Site::open().await;
    site.page(
        "/",
        "<input name=lower oninput='this.value = this.value.toLowerCase()'>
         <input name=filled value=' MARA@example.org' oninput='document.title = \"touched\"'>
         <input name=code maxlength=7 oninput='const d = this.value.replace(/\\D/g, \"\").slice(0, 6); this.value = d.length > 3 ? d.slice(0, 3) + \" \" + d.slice(3) : d'>
         <input name=upper type=text oninput='this.value = this.value.toUpperCase()'>
         <input name=dots oninput='this.value = \"•\".repeat(this.value.length)'>
         <input name=short type=password maxlength=16>
         <input name=reacted>
         <script>const reacted = document.querySelector('[name=reacted]'); let state = '';
           reacted.addEventListener('input', () => { const next = reacted.value; reacted.value = state; Promise.resolve().then(() => { state = next; reacted.value = state; }); });</script>",
    );
    let browser = browser().await;
    let context = context(&browser).await;
    let page = opened(&context, &site.here()).await;
    let snapshot = seen(&page).await;
    let at = |name: &str| reference(&snapshot, name);
    let origins = [site.here()];
    page.type_text(&at("lower"), "Mara@Example.org").await.unwrap();
    page.type_text(&at("filled"), "mara@example.org").await.unwrap();
    assert!(page.holds(&at("filled"), b" MARA@example.org").await.unwrap());
    page.type_token(&at("code"), b"120056", &origins, MAY_SEND_ITSELF).await.unwrap();
    assert!(page.holds(&at("code"), b"120 056").await.unwrap());
    let changed = page.type_secret(&at("upper"), b"Hunter2", &origins).await;
    assert!(matches!(changed, Err(Error::NotTaken { .. })), "{changed:?}");
    page.type_secret(&at("dots"), b"hunter2", &origins).await.unwrap();
    let cut = page.type_secret(&at("short"), b"a password of twenty", &origins).await;
    assert!(matches!(cut, Err(Error::CutShort { kept: 16 })), "{cut:?}");
    assert!(!cut.unwrap_err().to_string().contains("password of"));
    page.type_secret(&at("reacted"), b"hunter2", &origins).await.unwrap();
    assert!(page.holds(&at("reacted"), b"hunter2").await.unwrap());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_form_that_sends_itself_is_told_of() {
    let site = Site::open().await;
    let code = |script: &str| {
        format!(
            "<form action=/go method=post><input name=code maxlength=6><button>Go</button></form><script>const code = document.querySelector('input');{script}</script>"
        )
    };
    let full =
        |what: &str| code(&format!("code.addEventListener('input', () => {{ if (code.value.length === 6) {what} }})"));
    site.page("/fetch", &full("fetch('/check', { method: 'POST' })"))
        .page("/submit", &full("document.forms[0].requestSubmit()"))
        .page("/native", &full("document.forms[0].submit()"))
        .page("/soon", &full("setTimeout(() => fetch('/check', { method: 'POST' }), 60)"))
        .page("/gone", &full("document.forms[0].remove()"))
        .page("/sleeps", &full("code.disabled = true"))
        .page("/plain", &code(""))
        .page("/asks", &code("code.addEventListener('input', () => fetch('/known?' + code.value.length))"))
        .page("/counts", &code("code.addEventListener('input', () => fetch('/count', { method: 'POST' }))"))
        .page("/frame", &code("code.addEventListener('input', () => document.body.append(Object.assign(document.createElement('iframe'), { src: '/go' })), { once: true })"))
        .page("/go", "<p>in");
    let browser = browser().await;
    let context = context(&browser).await;
    let page = context.open_page().await.unwrap();
    for (path, wanted) in [
        ("/fetch", SENT),
        ("/submit", SENT),
        ("/native", SENT),
        ("/soon", SENT),
        ("/gone", SENT),
        ("/sleeps", SENT),
        ("/plain", NOT_SENT),
        ("/asks", NOT_SENT),
        ("/counts", NOT_SENT),
        ("/frame", NOT_SENT),
    ] {
        page.open(&format!("{}{path}", site.here()), LONG).await.unwrap();
        let snapshot = seen(&page).await;
        let typed = page.type_token(&reference(&snapshot, "code"), b"120056", &[site.here()], MAY_SEND_ITSELF).await;
        assert_eq!(typed.unwrap_or_else(|error| panic!("{path}: {error}")), wanted, "{path}");
    }
    // One that was seen to wait is given no moment; what it does at once is seen all the same.
    for (path, wanted) in [("/fetch", SENT), ("/submit", SENT), ("/native", SENT), ("/plain", NOT_SENT)] {
        page.open(&format!("{}{path}", site.here()), LONG).await.unwrap();
        let snapshot = seen(&page).await;
        let code = reference(&snapshot, "code");
        let typed = page.type_token(&code, b"120056", &[site.here()], TokenForm::WaitsToBeSent).await;
        assert_eq!(typed.unwrap(), wanted, "{path}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn number_boxes_without_a_length_that_move_on_take_a_token() {
    let site = Site::open().await;
    site.page(
        "/",
        "<form><div id=b></div><input type=hidden name=code id=code></form><script>
         const v = ['','','','','',''];
         for (let i = 0; i < 6; i++) { const e = document.createElement('input'); e.type = 'number'; e.name = 'd' + i; e.style.width = '44px';
           e.addEventListener('input', () => { const x = e.value.slice(-1); v[i] = x; e.value = x; code.value = v.join(''); document.title = code.value; if (x && i < 5) b.children[i + 1].focus(); });
           b.append(e); }</script>",
    );
    site.page(
        "/keys",
        "<form><div id=b></div></form><script>
         for (let i = 0; i < 6; i++) { const e = document.createElement('input'); e.name = 'd' + i; e.size = 1;
           e.addEventListener('keydown', (event) => { event.preventDefault(); if (/^[0-9]$/.test(event.key)) { e.value = event.key; document.title += event.key; b.children[i + 1]?.focus(); } });
           b.append(e); }</script>",
    );
    let browser = browser().await;
    let context = context(&browser).await;
    let page = context.open_page().await.unwrap();
    for path in ["/", "/keys"] {
        page.open(&format!("{}{path}", site.here()), LONG).await.unwrap();
        let snapshot = seen(&page).await;
        let boxes: Vec<_> = (0..6).map(|place| reference(&snapshot, &format!("d{place}"))).collect();
        assert_eq!(page.type_into_boxes(&boxes, b"120056", &[site.here()]).await.unwrap(), NOT_SENT);
        until(&page, |snapshot| snapshot.frames[0].title == "120056").await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn promise_4_a_frame_that_steals_the_keyboard_gets_no_digit() {
    let site = Site::open().await;
    let boxes = "<input maxlength=1 size=1 name=d>".repeat(6);
    site.page("/", &format!("<form>{boxes}</form><iframe src='@there/thief' width=300 height=100></iframe>"))
        .page(
            "/moves",
            &format!(
                "<form>{boxes}</form><iframe src='@there/thief' width=300 height=100></iframe>
                 <script>for (const box of document.querySelectorAll('input')) box.addEventListener('input', () => document.querySelector('iframe').focus())</script>"
            ),
        )
        .page(
            "/thief",
            "<input id=loot><script>const grab = () => loot.focus(); setInterval(grab, 1); onblur = grab; grab();
             for (const kind of ['keydown', 'keyup', 'input']) addEventListener(kind, (event) => fetch('/loot?' + kind, { method: 'POST' }), true);
             setInterval(() => { if (loot.value) fetch('/loot', { method: 'POST', body: loot.value }); }, 10)</script>",
        );
    let browser = browser().await;
    let context = context(&browser).await;
    let page = context.open_page().await.unwrap();
    for path in ["/", "/moves"] {
        page.open(&format!("{}{path}", site.here()), LONG).await.unwrap();
        let snapshot = seen(&page).await;
        let frame = &snapshot.frames[0];
        let all: Vec<_> = frame.fields.iter().map(|field| frame.reference(field.node)).collect();
        assert_eq!(all.len(), 6);
        page.type_into_boxes(&all, b"120056", &[site.here()]).await.unwrap();
        for (one, digit) in all.iter().zip(["1", "2", "0", "0", "5", "6"]) {
            assert!(page.holds(one, digit.as_bytes()).await.unwrap(), "{path}");
        }
        let later = seen(&page).await;
        assert!(!field(&later, "d").1.focused || later.frames.len() > 1);
    }
    assert!(!site.asked().iter().any(|(_, path, ..)| path == "/loot"), "{:?}", site.asked());
}

/// Longer than Chromium is waited for: the page runs a script meanwhile, and says nothing.
#[tokio::test(flavor = "multi_thread")]
async fn what_a_page_is_busy_with_was_pressed() {
    let site = Site::open().await;
    let busy = "document.title += '+'; const until = Date.now() + 11000; while (Date.now() < until);";
    site.page(
        "/",
        &format!("<input name=user onkeydown=\"if (event.key === 'Enter') {{ {busy} }}\"><button onclick=\"{busy}\">Send</button>"),
    );
    let browser = browser().await;
    let context = context(&browser).await;
    let page = context.open_page().await.unwrap();
    page.open(&site.here(), LONG).await.unwrap();
    let snapshot = seen(&page).await;
    page.click(&button(&snapshot, "Send"), SHORT).await.unwrap();
    until(&page, |snapshot| snapshot.frames[0].title == "+").await;
    page.focus(&reference(&snapshot, "user")).await.unwrap();
    page.press(Key::Enter).await.unwrap();
    until(&page, |snapshot| snapshot.frames[0].title == "++").await;
}
