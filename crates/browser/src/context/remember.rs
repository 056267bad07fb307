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
const READ: &str = "() => Object.entries(localStorage)";
const WRITE: &str = "(items) => { for (const [name, value] of items) localStorage.setItem(name, value); return true; }";

/// Reads everything out of the context.
pub(super) async fn save(context: &ContextInner) -> Result<BrowserState, Error> {
    let answer = context.root.call(GetCookies { browser_context_id: &context.id }).await?;
    let mut saved = Saved::new(answer.cookies, BTreeMap::new());
    let origins = context.surroundings.origins();
    if !origins.is_empty() {
        let page = context.open_page(true).await?;
        for origin in origins {
            let items = read_storage(&page, &origin).await?;
            let size: usize = items.iter().map(|(name, value)| name.len() + value.len()).sum();
            if !items.is_empty() && size <= MAX_PER_ORIGIN {
                saved.storage.insert(origin, items);
            }
        }
        page.close();
    }
    BrowserState::of(&saved)
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

async fn read_storage(page: &Page, origin: &str) -> Result<Vec<(String, String)>, Error> {
    page.open(origin, PATIENCE).await?;
    page.in_document(READ, ()).await
}
