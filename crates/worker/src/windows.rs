//! Which window of a site a walk goes on in: a sign-in may go on in one that the page has opened, and come back when that
//! closes itself; advertisements open windows, too.

use std::collections::HashSet;

use countersign_browser::{Page, WaitPolicy};
use countersign_recipe::{FieldRole, PageKind, Recognised, SiteKnowledge, recognise};

use crate::visit::{SeenPage, Visit};

/// What is known of the windows of a walk.
#[derive(Debug, Default)]
pub(crate) struct WindowTracker {
    /// By their ids: none of the site's, or with nothing in them for a walk.
    left_alone: HashSet<String>,
    /// What the page that opened the present window asked for before that.
    opener: Option<Asks>,
}

/// What a page is and has, as far as a walk is concerned.
type Asks = (PageKind, Vec<FieldRole>);

fn asks(page: &Recognised) -> Asks {
    (page.kind, page.parts.iter().map(|part| part.role).collect())
}

/// Whether there is nothing in a window for a walk: no form, no question, nobody who is signed in.
fn is_nothing_to_us(seen: &SeenPage) -> bool {
    let page = &seen.page;
    matches!(page.kind, PageKind::Unknown | PageKind::Missing)
        && !(page.signed_in || page.account || seen.snapshot.busy)
}

impl WindowTracker {
    /// Into a window that the page has opened, and back when it has closed itself or is somebody else's.
    pub(crate) fn follow(&mut self, visit: &mut Visit<'_>) {
        let Some((context, page)) = &mut visit.open else { return };
        if page.ended().is_some() {
            if let Some(there) = page.opener().or_else(|| context.pages().into_iter().next_back()) {
                *page = there;
            }
            return;
        }
        let seen_foreign = visit.seen.as_ref().is_some_and(|seen| visit.site.left_for(&seen.snapshot).is_some());
        if let Some(opener) = page.opener().filter(|_| seen_foreign) {
            self.left_alone.insert(page.id().to_owned());
            *page = opener;
            return;
        }
        if let Some(opened) = context.page_opened_by(page).filter(|opened| !self.left_alone.contains(opened.id())) {
            self.opener = visit.seen.as_ref().map(|seen| asks(&seen.page));
            *page = opened;
        }
    }

    /// Back from a window with nothing in it, where the page that opened it has gone on by itself. A form that answers in a
    /// new window leaves its own page as it was.
    pub(crate) async fn leave_to_itself(&mut self, visit: &mut Visit<'_>) {
        let Some((_, page)) = &visit.open else { return };
        let Some(opener) = page.opener().filter(|_| visit.seen.as_ref().is_some_and(is_nothing_to_us)) else { return };
        if self.goes_on_without(&opener, &visit.site).await {
            self.left_alone.insert(page.id().to_owned());
            if let Some((_, page)) = &mut visit.open {
                *page = opener;
            }
        }
    }

    async fn goes_on_without(&self, opener: &Page, site: &SiteKnowledge) -> bool {
        let Some(before) = &self.opener else { return true };
        match opener.settled_snapshot(&WaitPolicy::default()).await {
            Ok(snapshot) => asks(&recognise(&snapshot, site)) != *before,
            Err(_) => false,
        }
    }
}
