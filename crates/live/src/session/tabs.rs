//! Which tabs there are, by our numbers, and which of them is shown.

use countersign_wire::TabEvent;

use super::event::{OpenPage, TabToRead};

/// The tabs of a browser in a person's hand.
#[derive(Default)]
pub(crate) struct Tabs {
    /// In the order in which they came: they are counted from one, and no number comes twice.
    known: Vec<Tab>,
    pub(crate) shown: Option<String>,
    /// They are being read, and are to be read again after that.
    reading: bool,
    again: bool,
}

struct Tab {
    page: String,
    number: u32,
    state: TabState,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum TabState {
    Open,
    Closed,
    Crashed,
}

/// What follows from what is open now.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Next {
    /// This one is to be shown.
    Show(String),
    /// The last is closed: a session without any would be a dead end.
    OpenNew,
    /// The same is shown.
    Read,
}

impl Tabs {
    /// Begins with the tabs that are there.
    pub(crate) fn of(pages: &[OpenPage]) -> Self {
        let mut tabs = Self::default();
        for page in pages {
            tabs.number(&page.id);
        }
        tabs
    }

    fn number(&mut self, page: &str) -> u32 {
        if let Some(known) = self.known.iter_mut().find(|known| known.page == page) {
            return known.number;
        }
        let number = self.known.last().map_or(1, |last| last.number + 1);
        self.known.push(Tab { page: page.to_owned(), number, state: TabState::Open });
        number
    }

    /// The tab under one of our numbers, if it is there.
    pub(crate) fn page(&self, number: u32) -> Option<&str> {
        let found = self.known.iter().find(|tab| tab.number == number && tab.state != TabState::Closed)?;
        Some(&found.page)
    }

    /// A tab that we opened ourselves.
    pub(crate) fn opened(&mut self, page: &str) {
        self.number(page);
    }

    /// Gives the number of the tab, which is of no more use.
    pub(crate) fn crashed(&mut self, page: &str) -> u32 {
        let number = self.number(page);
        for tab in self.known.iter_mut().filter(|tab| tab.number == number) {
            tab.state = TabState::Crashed;
        }
        number
    }

    /// These are all that are open. A tab that a page has opened is shown; where the one that was shown is gone, the newest is.
    pub(crate) fn changed(&mut self, pages: &[OpenPage]) -> (Vec<(TabEvent, u32)>, Next) {
        let mut events = Vec::new();
        let mut opened = None;
        for page in pages {
            if !self.known.iter().any(|known| known.page == page.id) {
                events.push((TabEvent::Opened, self.number(&page.id)));
                opened = Some(&page.id).filter(|_| page.by_page);
            }
        }
        for tab in self.known.iter_mut().filter(|tab| tab.state == TabState::Open) {
            if !pages.iter().any(|page| page.id == tab.page) {
                tab.state = TabState::Closed;
                events.push((TabEvent::Closed, tab.number));
            }
        }
        let shown_is_there = pages.iter().any(|page| self.shown.as_ref() == Some(&page.id));
        let newest = pages.last().map(|page| &page.id).filter(|_| !shown_is_there);
        let next = match opened.or(newest) {
            Some(page) => Next::Show(page.clone()),
            None if pages.is_empty() && !self.known.iter().any(|tab| tab.state == TabState::Crashed) => Next::OpenNew,
            None => Next::Read,
        };
        (events, next)
    }

    /// What is to be read now; nothing while it is being read.
    pub(crate) fn read(&mut self) -> Option<Vec<TabToRead>> {
        if self.reading {
            self.again = true;
            return None;
        }
        self.reading = true;
        let open = self.known.iter().filter(|tab| tab.state != TabState::Closed);
        let read = open.map(|tab| TabToRead {
            page: tab.page.clone(),
            number: tab.number,
            active: self.shown.as_ref() == Some(&tab.page),
            crashed: tab.state == TabState::Crashed,
        });
        Some(read.collect())
    }

    /// They were read. Whether they are to be read again.
    pub(crate) fn was_read(&mut self) -> bool {
        self.reading = false;
        std::mem::take(&mut self.again)
    }
}

/// An address without what a link may carry for its reader alone.
pub(crate) fn place(address: &str) -> String {
    let Ok(mut url) = url::Url::parse(address) else { return String::new() };
    url.set_query(None);
    url.set_fragment(None);
    // They have no place for a name and a password.
    let _ = url.set_username("");
    let _ = url.set_password(None);
    if matches!(url.scheme(), "http" | "https") { url.to_string() } else { String::new() }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pages(ids: &[&str]) -> Vec<OpenPage> {
        let page = |id: &&str| OpenPage { id: (*id).to_owned(), by_page: id.starts_with("pop") };
        ids.iter().map(page).collect()
    }

    #[test]
    fn what_a_page_opens_is_shown_and_the_newest_where_the_shown_one_is_gone() {
        let mut tabs = Tabs::of(&pages(&["a"]));
        tabs.shown = Some("a".to_owned());
        let show = |page: &str| Next::Show(page.to_owned());
        let (opened, closed) = (TabEvent::Opened, TabEvent::Closed);
        for (open, events, next, shown) in [
            (&["a"][..], vec![], Next::Read, "a"),
            (&["a", "b"], vec![(opened, 2)], Next::Read, "a"),
            (&["a", "b", "pop"], vec![(opened, 3)], show("pop"), "pop"),
            (&["a", "b"], vec![(closed, 3)], show("b"), "b"),
            (&["a", "b"], vec![], Next::Read, "b"),
            (&["b"], vec![(closed, 1)], Next::Read, "b"),
            (&[], vec![(closed, 2)], Next::OpenNew, "b"),
            (&["c"], vec![(opened, 4)], show("c"), "c"),
        ] {
            assert_eq!(tabs.changed(&pages(open)), (events, next), "{open:?}");
            tabs.shown = Some(shown.to_owned());
        }
        assert_eq!((tabs.page(4), tabs.page(1), tabs.page(9)), (Some("c"), None, None));
    }

    #[test]
    fn a_crashed_tab_stays_and_is_no_reason_to_open_another() {
        let mut tabs = Tabs::of(&pages(&["a"]));
        tabs.shown = Some("a".to_owned());
        assert_eq!(tabs.crashed("a"), 1);
        assert_eq!(tabs.changed(&pages(&["a"])), (vec![], Next::Read));
        assert_eq!(tabs.changed(&pages(&[])), (vec![], Next::Read));
        let to_read = TabToRead { page: "a".to_owned(), number: 1, active: true, crashed: true };
        assert_eq!(tabs.read(), Some(vec![to_read]));
    }

    #[test]
    fn they_are_read_once_at_a_time_and_again_where_something_changed_meanwhile() {
        let mut tabs = Tabs::of(&pages(&["a"]));
        assert!(tabs.read().is_some());
        assert!(tabs.read().is_none() && tabs.read().is_none());
        assert!(tabs.was_read(), "once more");
        assert!(tabs.read().is_some());
        assert!(!tabs.was_read());
    }

    #[test]
    fn an_address_is_recorded_without_what_it_carries() {
        for (address, expected) in [
            ("https://example.org/reset?token=abc#x", "https://example.org/reset"),
            ("https://ana:secret@example.org/", "https://example.org/"),
            ("about:blank", ""),
            ("data:text/html,hello", ""),
            ("nothing", ""),
        ] {
            assert_eq!(place(address), expected);
        }
    }
}
