//! Reading what a context remembers out of it, and putting it into another.

use std::{collections::BTreeMap, time::Duration};

use super::{
    inner::ContextInner,
    state::{BrowserState, Saved},
};
use crate::{
    Error, Page,
    cdp::storage::{CookieParam, GetCookies, SetCookies},
};

/// A site that stores more than this in a browser is not remembered whole.
const MAX_PER_ORIGIN: usize = 256 << 10;
const PATIENCE: Duration = Duration::from_secs(10);
/// So long a page that is open may take to tell what its origin stores; then it is read in a tab of its own.
const FROM_A_PAGE: Duration = Duration::from_secs(1);
const READ: &str = "() => Object.entries(localStorage)";
const READ_HERE: &str = "() => [location.origin, Object.entries(localStorage)]";
const WRITE: &str = "(items) => { for (const [name, value] of items) localStorage.setItem(name, value); return true; }";

/// Names and values of one origin.
type Items = Vec<(String, String)>;

/// Reads everything out of the context.
pub(super) async fn save(context: &ContextInner) -> Result<BrowserState, Error> {
    let answer = context.root.call(GetCookies { browser_context_id: &context.id }).await?;
    let mut saved = Saved::new(answer.cookies, BTreeMap::new());
    let mut origins = context.surroundings.origins();
    for (origin, items) in told_by_pages(context).await {
        if let Some(place) = origins.iter().position(|other| *other == origin) {
            origins.swap_remove(place);
            keep(&mut saved, origin, items);
        }
    }
    if !origins.is_empty() {
        let page = context.open_page(true).await?;
        for origin in origins {
            let items = read_storage(&page, &origin).await?;
            keep(&mut saved, origin, items);
        }
        page.close();
    }
    BrowserState::of(&saved)
}

fn keep(saved: &mut Saved, origin: String, items: Items) {
    let size: usize = items.iter().map(|(name, value)| name.len() + value.len()).sum();
    if !items.is_empty() && size <= MAX_PER_ORIGIN {
        saved.storage.insert(origin, items);
    }
}

/// What the pages that are open say of their own origins, which spares a tab for them. A frame of another site is not asked:
/// what it stores there is kept apart from what it would store in a tab (its storage is partitioned).
async fn told_by_pages(context: &ContextInner) -> BTreeMap<String, Items> {
    let mut told = BTreeMap::new();
    for page in context.living_pages() {
        let read = page.in_document::<(String, Items)>(READ_HERE, ());
        // One that is busy, or that may store nothing, is read like those that are not open.
        if let Ok(Ok((origin, items))) = tokio::time::timeout(FROM_A_PAGE, read).await {
            told.entry(origin).or_insert(items);
        }
    }
    told
}

/// Puts everything back into an empty context.
pub(super) async fn load(context: &ContextInner, state: &BrowserState) -> Result<(), Error> {
    let saved = state.read()?;
    let cookies = saved.cookies.iter().map(CookieParam::from).collect();
    context.root.call(SetCookies { browser_context_id: &context.id, cookies }).await?;
    if saved.storage.is_empty() {
        return Ok(());
    }
    let page = context.open_page(true).await?;
    for (origin, items) in &saved.storage {
        page.open(origin, PATIENCE).await?;
        page.in_document::<bool>(WRITE, items).await?;
        context.surroundings.origin_seen(origin);
    }
    page.close();
    Ok(())
}

async fn read_storage(page: &Page, origin: &str) -> Result<Items, Error> {
    page.open(origin, PATIENCE).await?;
    page.in_document(READ, ()).await
}
