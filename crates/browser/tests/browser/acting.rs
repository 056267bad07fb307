use countersign_browser::{Error, Key};

use super::*;

#[tokio::test(flavor = "multi_thread")]
async fn a_form_is_filled_and_sent_with_trusted_events() {
    let site = Site::open().await;
    site.page(
        "/",
        "<form action=/go method=post><input name=user><input name=pass type=password maxlength=20>
         <input name=short maxlength=4><label><input type=checkbox name=trust style='position:absolute;opacity:0'>Trust</label>
         <select name=role><option value=a>Alpha</option><option value=b>Beta</option></select>
         <div style='height:2000px'></div><button disabled>Send</button></form>
         <script>let trusted = true; for (const input of document.querySelectorAll('input')) input.addEventListener('input', (event) => { trusted &&= event.isTrusted; document.querySelector('button').disabled = !trusted; });</script>",
    )
    .page("/go", "<p>thank you");
    let browser = browser().await;
    let context = context(&browser).await;
    let page = opened(&context, &site.here()).await;
    let snapshot = seen(&page).await;
    let origins = [site.here()];
    let secret = "pä\"ss\\ 🔑</script>";
    page.type_text(&reference(&snapshot, "user"), "first").await.unwrap();
    page.type_text(&reference(&snapshot, "user"), "alice@example.org").await.unwrap();
    page.type_secret(&reference(&snapshot, "pass"), secret.as_bytes(), &origins).await.unwrap();
    assert!(page.holds(&reference(&snapshot, "pass"), secret.as_bytes()).await.unwrap());
    assert!(!page.holds(&reference(&snapshot, "pass"), b"other").await.unwrap());
    let cut = page.type_secret(&reference(&snapshot, "short"), b"12345", &origins).await;
    assert!(matches!(cut, Err(Error::CutShort { kept: 4 })), "{cut:?}");
    page.set_checked(&reference(&snapshot, "trust"), true, SHORT).await.unwrap();
    page.choose(&reference(&snapshot, "role"), "Beta").await.unwrap();

    let snapshot = seen(&page).await;
    page.click(&button(&snapshot, "Send"), SHORT).await.unwrap();
    let after = until(&page, |snapshot| texts(snapshot).contains(&"thank you")).await;
    assert!(after.frames[0].address.ends_with("/go"));
    let sent = site.asked().into_iter().find(|(method, ..)| method == "POST").unwrap().3;
    assert!(
        sent.contains("user=alice%40example.org") && sent.contains("trust=on") && sent.contains("role=b"),
        "{sent}"
    );
    assert!(sent.contains("pass=p%C3%A4%22ss%5C+%F0%9F%94%91%3C%2Fscript%3E"), "{sent}");
    // What belonged to the page before is not taken for something on this one.
    assert!(matches!(page.type_text(&reference(&snapshot, "user"), "x").await, Err(Error::Stale)));
}

#[tokio::test(flavor = "multi_thread")]
async fn secrets_go_only_where_they_belong() {
    let site = Site::open().await;
    site.page(
        "/",
        "<input name=here type=password><input name=shown style='opacity:0'><input name=search type=checkbox>
         <div><template shadowrootmode=closed><input name=closed type=password></template></div>
         <iframe src='@there/inner' width=500 height=200></iframe><iframe sandbox='allow-scripts' src='@here/box'></iframe>",
    )
    .page("/inner", "<input name=inner type=password><div style='height:900px'></div><button onclick='document.body.textContent=\"pressed\"'>Far down</button>")
    .page("/box", "<input name=boxed type=password>");
    let browser = browser().await;
    let context = context(&browser).await;
    let page = opened(&context, &site.here()).await;
    let snapshot = seen(&page).await;
    let here = [site.here()];
    let there = [site.there()];
    for (name, origins) in [("here", &there), ("inner", &here), ("boxed", &here), ("closed", &there)] {
        let outcome = page.type_secret(&reference(&snapshot, name), b"hunter2", origins).await;
        assert!(matches!(outcome, Err(Error::WrongOrigin { .. })), "{name}: {outcome:?}");
        assert!(page.holds(&reference(&snapshot, name), b"").await.unwrap(), "{name}");
    }
    for name in ["shown", "search"] {
        let outcome = page.type_secret(&reference(&snapshot, name), b"hunter2", &here).await;
        assert!(matches!(outcome, Err(Error::NotUsable { .. })), "{name}: {outcome:?}");
    }
    for (name, origins) in [("here", &here), ("inner", &there), ("closed", &here)] {
        page.type_secret(&reference(&snapshot, name), b"hunter2", origins).await.unwrap();
        assert!(page.holds(&reference(&snapshot, name), b"hunter2").await.unwrap(), "{name}");
    }
    let text = format!("{:?}", page.type_secret(&reference(&snapshot, "here"), b"hunter2", &there).await);
    assert!(!text.contains("hunter2"));

    page.click(&button(&snapshot, "Far down"), SHORT).await.unwrap();
    until(&page, |snapshot| texts(snapshot).contains(&"pressed")).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn boxes_are_typed_key_by_key_whether_the_page_moves_on_or_not() {
    let site = Site::open().await;
    let boxes = "<form action=/go>".to_owned()
        + &"<input maxlength=1 size=1 inputmode=numeric name=d>".repeat(6)
        + "<button>Go</button>";
    let moving = "<script>document.querySelectorAll('input').forEach((box, i, all) => box.addEventListener('input', () => setTimeout(() => (all[i + 1] ?? document.forms[0].requestSubmit?.() ?? box).focus?.(), 0)))</script>";
    site.page("/plain", &boxes).page("/moving", &(boxes.clone() + moving)).page("/go", "<p>in");
    site.page("/frame", "<iframe src='@there/plain' width=600 height=100></iframe>");
    let browser = browser().await;
    let context = context(&browser).await;
    let page = context.open_page().await.unwrap();
    for (path, origins) in [("/plain", [site.here()]), ("/moving", [site.here()]), ("/frame", [site.there()])] {
        page.open(&format!("{}{path}", site.here()), LONG).await.unwrap();
        let snapshot = seen(&page).await;
        let frame = snapshot.frames.last().unwrap();
        let all: Vec<_> = frame.fields.iter().map(|field| frame.reference(field.node)).collect();
        assert_eq!(all.len(), 6);
        page.type_into_boxes(&all, b"120056", &origins).await.unwrap();
        if path == "/moving" {
            until(&page, |snapshot| texts(snapshot).contains(&"in")).await;
        } else {
            for (one, digit) in all.iter().zip(["1", "2", "0", "0", "5", "6"]) {
                assert!(page.holds(one, digit.as_bytes()).await.unwrap(), "{path}");
            }
            page.press(Key::Enter).await.unwrap();
            until(&page, |snapshot| texts(snapshot).contains(&"in")).await;
        }
        let wrong = page.type_into_boxes(&all, b"120056", &["https://elsewhere.example".into()]).await;
        assert!(wrong.is_err());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_lies_over_a_button_is_waited_for_or_named() {
    let site = Site::open().await;
    site.page(
        "/",
        "<button style='position:absolute;left:50px;top:50px;width:100px;height:40px' onclick='document.title=\"done\"'>Go</button>
         <div id=toast style='position:fixed;left:0;top:0;width:400px;height:200px;background:#eee'>We use cookies</div>",
    );
    let browser = browser().await;
    let context = context(&browser).await;
    let page = opened(&context, &site.here()).await;
    let snapshot = seen(&page).await;
    assert!(snapshot.frames[0].buttons[0].covered);
    assert_eq!(snapshot.frames[0].dialogs.len(), 1);
    match page.click(&button(&snapshot, "Go"), Duration::ZERO).await {
        Err(Error::Covered { by, name }) => {
            assert_eq!((by.node, name.as_str()), (snapshot.frames[0].dialogs[0].node, "We use cookies"));
        }
        other => panic!("{other:?}"),
    }
    site.page(
        "/",
        "<button onclick='document.title=\"done\"'>Go</button><div id=toast style='position:fixed;inset:0'>Saved</div>
         <script>setTimeout(() => toast.remove(), 500)</script>",
    );
    page.open(&site.here(), LONG).await.unwrap();
    let snapshot = seen(&page).await;
    page.click(&button(&snapshot, "Go"), LONG).await.unwrap();
    until(&page, |snapshot| snapshot.frames[0].title == "done").await;
}
