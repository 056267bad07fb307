//! A real Chromium against tiny pages on the loopback.
#![expect(clippy::unwrap_used, reason = "a failed step is a failed test")]

mod acting;
mod apart;
mod bounds;
mod doors;
mod live;
mod live_covers;
mod live_rough;
mod looking;
mod seeing;
mod site;
mod trusting;
mod typing;
mod windows;
mod workers;

use std::{net::IpAddr, sync::Arc, time::Duration};

use countersign_browser::{
    Browser, BrowserIdentity, Context, ContextLimits, ContextOptions, LaunchOptions, Page, TokenForm, WaitPolicy,
};
use countersign_snapshot::{ElementRef, Field, Frame, PageSnapshot};
use site::Site;

/// Long enough for a machine that is busy with other tests.
const LONG: Duration = Duration::from_secs(20);
const SHORT: Duration = Duration::from_millis(300);
/// A form of which nothing is known.
const MAY_SEND_ITSELF: TokenForm = TokenForm::MaySendItself;

async fn browser() -> Browser {
    Browser::launch(&LaunchOptions::default()).await.unwrap()
}

fn options(browser: &Browser) -> ContextOptions {
    let policy = |_: &str, address: IpAddr, _: u16| {
        if address.is_loopback() { Ok(()) } else { Err("only the loopback in tests".to_owned()) }
    };
    ContextOptions {
        identity: BrowserIdentity::new(browser.user_agent().to_owned()),
        limits: ContextLimits::default(),
        policy: Arc::new(policy),
        state: None,
        pinned: None,
    }
}

async fn context(browser: &Browser) -> Context {
    browser.context(options(browser)).await.unwrap()
}

async fn opened(context: &Context, address: &str) -> Page {
    let page = context.open_page().await.unwrap();
    page.open(address, LONG).await.unwrap();
    page
}

async fn seen(page: &Page) -> PageSnapshot {
    page.settled_snapshot(&WaitPolicy { limit: LONG, ..WaitPolicy::default() }).await.unwrap()
}

/// The field with that `name`, in whatever frame.
fn field<'a>(snapshot: &'a PageSnapshot, name: &str) -> (&'a Frame, &'a Field) {
    let all = snapshot.frames.iter().flat_map(|frame| frame.fields.iter().map(move |field| (frame, field)));
    all.into_iter()
        .find(|(_, field)| field.words.html_name == name)
        .unwrap_or_else(|| panic!("no field {name} in {}", serde_json::to_string(snapshot).unwrap()))
}

fn reference(snapshot: &PageSnapshot, name: &str) -> ElementRef {
    let (frame, field) = field(snapshot, name);
    frame.reference(field.node)
}

fn button(snapshot: &PageSnapshot, name: &str) -> ElementRef {
    let all = snapshot.frames.iter().flat_map(|frame| frame.buttons.iter().map(move |button| (frame, button)));
    let (frame, button) = all.into_iter().find(|(_, button)| button.name == name).unwrap();
    frame.reference(button.node)
}

/// Looks again and again, each time something changes, until `wanted`.
async fn until(page: &Page, wanted: impl Fn(&PageSnapshot) -> bool) -> PageSnapshot {
    let look = async {
        loop {
            let revision = page.revision();
            let snapshot = seen(page).await;
            if wanted(&snapshot) {
                return snapshot;
            }
            page.changed(revision, SHORT).await.unwrap();
        }
    };
    tokio::time::timeout(LONG, look).await.expect("it never came to that")
}

fn texts(snapshot: &PageSnapshot) -> Vec<&str> {
    snapshot.frames.iter().flat_map(|frame| &frame.texts).map(|text| text.text.as_str()).collect()
}
