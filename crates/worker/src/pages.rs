//! Where a site's pages were found, from run to run: the next walk begins there instead of looking for them.

use countersign_browser::TokenForm;
use countersign_model::is_in_the_clear;
use countersign_recipe::{Fill, LearntPages, SiteKnowledge, Target, TypedValue};
use countersign_snapshot::PageSnapshot;
use url::Url;

/// A part of a path that is longer may be a key, such as those of one session or of one letter.
const LONGEST_PART: usize = 32;

/// The pages whose forms were filled in this run.
#[derive(Debug, Default)]
pub(crate) struct FoundPages {
    found: LearntPages,
    /// A form for a token has sent itself: what is said of one that waits is not to be relied on.
    token_sent_itself: bool,
}

impl FoundPages {
    /// A form that is about to be filled. `signs_in`: to get in, and not to prove once more who one is.
    pub(crate) fn note(&mut self, snapshot: &PageSnapshot, fill: &Fill, signs_in: bool) {
        let Some(main) = snapshot.main() else { return };
        self.note_at(&main.address, fill.types(TypedValue::Username) && signs_in, fill.types(TypedValue::NewPassword));
    }

    fn note_at(&mut self, address: &str, signs_in: bool, changes: bool) {
        if changes {
            // A second page that asks once more is none to begin at.
            self.found.change = self.found.change.take().or_else(|| kept_of(address, true));
        } else if signs_in {
            self.found.sign_in = kept_of(address, false);
        }
    }

    /// Whether the form on this page for a token is known to wait until it is sent, from this run or from one before.
    pub(crate) fn token_form(&self, snapshot: &PageSnapshot, known: &SiteKnowledge) -> TokenForm {
        let here = snapshot.main().and_then(|main| kept_of(&main.address, false));
        let waits = [&self.found.token, &known.learnt.token].into_iter().any(|page| page.is_some() && *page == here);
        if waits && !self.token_sent_itself { TokenForm::WaitsToBeSent } else { TokenForm::MaySendItself }
    }

    /// How a form was sent that was filled to be sent.
    pub(crate) fn note_sent(&mut self, snapshot: &PageSnapshot, fill: &Fill, sent_itself: bool) {
        let last = fill.entries.last().filter(|last| last.what == TypedValue::Token);
        // Boxes are given their moment each time: most send themselves.
        if !last.is_some_and(|last| matches!(last.into, Target::Line(_))) {
            return;
        }
        self.token_sent_itself |= sent_itself;
        if fill.send && !sent_itself {
            self.found.token = snapshot.main().and_then(|main| kept_of(&main.address, false));
        }
    }

    /// The text to keep. What this run did not come by is kept from before.
    pub(crate) fn to_keep(&self, before: Option<&str>) -> String {
        let before = parse(before);
        let pages = LearntPages {
            sign_in: self.found.sign_in.clone().or(before.sign_in),
            change: self.found.change.clone().or(before.change),
            token: self.found.token.clone().or(before.token).filter(|_| !self.token_sent_itself),
        };
        serde_json::to_string(&pages).unwrap_or_else(|_| "{}".to_owned())
    }
}

/// What was kept, as far as it may be used at this site: not beside what is known for sure, and nowhere that a password may not
/// be typed.
pub(crate) fn read(text: Option<&str>, known: &SiteKnowledge) -> LearntPages {
    let may_be_used = |address: &String| {
        let origin = Url::parse(address).map(|url| url.origin().ascii_serialization());
        !is_in_the_clear(address) && origin.is_ok_and(|origin| known.allows(&origin))
    };
    let pages = parse(text);
    LearntPages {
        sign_in: pages.sign_in.filter(|address| known.sign_in.is_none() && may_be_used(address)),
        change: pages.change.filter(|address| known.change.is_none() && may_be_used(address)),
        token: pages.token,
    }
}

fn parse(text: Option<&str>) -> LearntPages {
    text.and_then(|text| serde_json::from_str(text).ok()).unwrap_or_default()
}

/// What is kept of an address, if it leads to the same page another time: no query, which says where one came from or holds a
/// key, and of what stands behind `#` only a page's own way of naming its parts. `whole`: the query may say which page it is, so
/// that an address with one is not kept at all.
fn kept_of(address: &str, whole: bool) -> Option<String> {
    let mut url = Url::parse(address).ok().filter(|url| matches!(url.scheme(), "http" | "https"))?;
    let is_long = |part: &str| part.len() > LONGEST_PART;
    let fragment = url.fragment().unwrap_or_default();
    let is_route = ["/", "!/"].iter().any(|begin| fragment.starts_with(begin)) && !fragment.contains(['?', '=', '&']);
    if (whole && url.query().is_some_and(|query| !query.is_empty()))
        || url.path().split('/').chain(fragment.split('/')).any(is_long)
        || !url.username().is_empty()
        || url.password().is_some()
    {
        return None;
    }
    if !is_route {
        url.set_fragment(None);
    }
    url.set_query(None);
    Some(url.into())
}

#[cfg(test)]
mod tests {
    use countersign_recipe::{FieldEntry, PageKind};
    use countersign_snapshot::{ElementRef, Frame};

    use super::*;

    const SITE: &str = "https://example.org/";

    #[test]
    fn an_address_is_kept_where_it_leads_to_the_same_page_again() {
        let key = "k".repeat(LONGEST_PART + 1);
        for (address, sign_in, change) in [
            ("https://example.org/login", Some("https://example.org/login"), Some("https://example.org/login")),
            ("https://example.org/login?next=%2F", Some("https://example.org/login"), None),
            (
                "https://example.org/app#/password",
                Some("https://example.org/app#/password"),
                Some("https://example.org/app#/password"),
            ),
            ("https://example.org/app#state=1", Some("https://example.org/app"), Some("https://example.org/app")),
            ("https://example.org/app#/in?key=1", Some("https://example.org/app"), Some("https://example.org/app")),
            (&format!("https://example.org/s/{key}/login"), None, None),
            (&format!("https://example.org/app#/{key}"), None, None),
            ("https://mara:secret@example.org/login", None, None),
            ("data:text/html,x", None, None),
            ("about:blank", None, None),
        ] {
            assert_eq!(kept_of(address, false).as_deref(), sign_in, "{address}");
            assert_eq!(kept_of(address, true).as_deref(), change, "{address}");
        }
    }

    #[test]
    fn what_was_kept_is_used_where_nothing_is_known_for_sure_and_a_password_may_be_typed() {
        let site =
            |sign_in: Option<&str>| SiteKnowledge { sign_in: sign_in.map(str::to_owned), ..SiteKnowledge::at(SITE) };
        for (address, known, used) in [
            ("https://example.org/login", None, true),
            ("https://accounts.example.org/login", None, true),
            ("https://example.org/login", Some("https://example.org/in"), false),
            ("https://elsewhere.example/login", None, false),
            ("http://example.org/login", None, false),
            ("nonsense", None, false),
        ] {
            let text = serde_json::json!({"sign_in": address, "change": address}).to_string();
            let read = read(Some(&text), &site(known));
            assert_eq!(read.sign_in.is_some(), used, "{address} {known:?}");
            assert_eq!(read.change.is_some(), used || known.is_some(), "{address} {known:?}");
        }
        assert_eq!(read(Some("no json"), &site(None)), LearntPages::default());
        assert_eq!(read(None, &site(None)), LearntPages::default());
    }

    #[test]
    fn the_first_page_that_asks_for_the_new_password_is_kept_and_the_last_that_signs_in() {
        let mut pages = FoundPages::default();
        pages.note_at("https://example.org/old-login", true, false);
        pages.note_at("https://example.org/password", false, true);
        pages.note_at("https://example.org/password/again", false, true);
        pages.note_at("https://example.org/login", true, false);
        pages.note_at("https://example.org/confirm", false, false);
        let kept = pages.to_keep(None);
        let known = SiteKnowledge::at(SITE);
        let expected = LearntPages {
            sign_in: Some("https://example.org/login".into()),
            change: Some("https://example.org/password".into()),
            token: None,
        };
        assert_eq!(read(Some(&kept), &known), expected);
        assert_eq!(read(Some(&FoundPages::default().to_keep(Some(&kept))), &known), expected, "what was not needed");
    }

    #[test]
    fn a_form_for_a_token_is_given_no_moment_where_it_was_seen_to_wait() {
        let page = |address: &str| PageSnapshot {
            frames: vec![Frame { address: address.into(), ..Frame::default() }],
            ..PageSnapshot::default()
        };
        let line = ElementRef { frame: "F".into(), document: "D".into(), node: 1 };
        let fill = |what| {
            let into = Target::Line(line.clone());
            let entry = FieldEntry { what, into, origin: String::new(), max_length: None };
            let submit = Some(line.clone());
            Fill { page: PageKind::Token, entries: vec![entry], ticks: vec![], send: true, submit }
        };
        let (here, elsewhere) = (page("https://example.org/code?n=1"), page("https://example.org/confirm"));
        let nothing = SiteKnowledge::at(SITE);
        let mut first = FoundPages::default();
        assert_eq!(first.token_form(&here, &nothing), TokenForm::MaySendItself);
        first.note_sent(&elsewhere, &fill(TypedValue::Password), false);
        assert_eq!(first.token_form(&elsewhere, &nothing), TokenForm::MaySendItself, "no token was typed there");
        first.note_sent(&here, &fill(TypedValue::Token), false);
        assert_eq!(first.token_form(&here, &nothing), TokenForm::WaitsToBeSent, "in the same run");
        assert_eq!(first.token_form(&elsewhere, &nothing), TokenForm::MaySendItself);

        let kept = first.to_keep(None);
        let known = SiteKnowledge { learnt: read(Some(&kept), &nothing), ..nothing.clone() };
        let mut second = FoundPages::default();
        assert_eq!(second.token_form(&here, &known), TokenForm::WaitsToBeSent, "in the next run");
        second.note_sent(&here, &fill(TypedValue::Token), true);
        assert_eq!(second.token_form(&here, &known), TokenForm::MaySendItself, "it has sent itself after all");
        assert_eq!(read(Some(&second.to_keep(Some(&kept))), &nothing).token, None);
    }
}
