//! Whether somebody is signed in. That is never what is left when nothing else fits: it needs something that a stranger does
//! not get to see.

use std::collections::BTreeSet;

use countersign_model::ChangeReason;
use countersign_snapshot::PageSnapshot;

use super::unloaded::certificate_of;
use crate::{
    MessageKind, PageKind, Recognised,
    recognise::path_of,
    words::{Concept, Meaning, attribute_meaning, meaning},
};

/// What a page shows of who looks at it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Standing {
    /// Somebody is signed in: there is a way out, or the account is named, and no way in.
    In,
    /// The site has refused somebody; with its words, where it has any.
    Out(Option<MessageKind>),
    /// Neither can be seen.
    Doubt,
}

/// What a page shows by itself. `furniture`: texts that were there before anything was sent, and refuse nobody.
pub(crate) fn standing(snapshot: &PageSnapshot, page: &Recognised, furniture: &BTreeSet<String>) -> Standing {
    let status = snapshot.answer.as_ref().map_or(200, |answer| answer.status);
    let said = page.refusals.iter().filter(|(_, text)| !furniture.contains(text)).map(|(told, _)| *told);
    let refused = said.min().filter(|told| {
        matches!(
            told,
            MessageKind::Locked
                | MessageKind::TooMany
                | MessageKind::TokenUsed
                | MessageKind::WrongToken
                | MessageKind::WrongPassword
                | MessageKind::Expired
                | MessageKind::SomethingWrong
        )
    });
    if page.signed_in && !page.signed_out {
        return Standing::In;
    }
    if page.account && !page.signed_out && refused.is_none() && status < 400 {
        return Standing::In;
    }
    if page.signed_in {
        return Standing::Doubt;
    }
    if refused.is_some() || matches!(status, 401 | 403) {
        return Standing::Out(refused);
    }
    Standing::Doubt
}

/// Whether the page has a line to fill that it is about.
pub(crate) fn asks(snapshot: &PageSnapshot) -> bool {
    snapshot.visible_frames().any(|(_, frame)| frame.fields.iter().any(crate::recognise::asks_for_a_line))
}

/// The label of the first line that a page is about.
pub(crate) fn first_question(snapshot: &PageSnapshot) -> Option<String> {
    let fields = snapshot.visible_frames().flat_map(|(_, frame)| &frame.fields);
    let mut labels = fields.filter(|field| crate::recognise::asks_for_a_line(field)).map(|field| field.words.name());
    labels.find(|label| !label.is_empty()).map(|label| label.chars().take(80).collect())
}

/// That a page could not be shown because of its site's certificate, which may have been renewed in the middle of a run.
pub(crate) fn certificate_refused(snapshot: &PageSnapshot) -> Option<ChangeReason> {
    snapshot.main().filter(|main| main.unreachable).and_then(certificate_of)
}

/// Whether a password was kept from standing in an address: what would have sent it so was not done.
pub(crate) fn is_kept_back(snapshot: &PageSnapshot) -> bool {
    snapshot.frames.iter().any(|frame| frame.kept_back)
}

/// Whether a page that we see and the same address as a stranger sees it tell apart who is signed in: we have what only
/// members have, or the stranger has a way in that we have not. Whatever else differs may be chance: news, advertisements.
/// A way in that is shown to both says nothing, and then only what is a member's beyond doubt counts.
pub(crate) fn tells_apart(own: (&PageSnapshot, &Recognised), stranger: (&PageSnapshot, &Recognised)) -> bool {
    let form = |page: &Recognised| {
        matches!(page.kind, PageKind::SignIn | PageKind::Token | PageKind::Reauthenticate | PageKind::Methods)
    };
    let status = |snapshot: &PageSnapshot| snapshot.answer.as_ref().map_or(200, |answer| answer.status);
    // A page that could not be shown says nothing of who looks at it.
    let shown = |page: &Recognised| {
        !matches!(
            page.kind,
            PageKind::Broken | PageKind::Unreachable | PageKind::RateLimited | PageKind::Locked | PageKind::Captcha
        )
    };
    if !shown(own.1) || !shown(stranger.1) || form(own.1) || status(own.0) >= 400 || status(stranger.0) >= 500 {
        return false;
    }
    let way_in = |says: Meaning| says.any(WAYS_IN) && !says.has(Concept::SignOut);
    let to_both = own.1.signed_out && controls(own.0, way_in).is_subset(&controls(stranger.0, way_in));
    if own.1.signed_out && !to_both {
        return false;
    }
    if form(stranger.1) || stranger.1.signed_out && !to_both || matches!(status(stranger.0), 401 | 403) {
        return true;
    }
    let wanted = if to_both { SURELY_FOR_MEMBERS } else { FOR_MEMBERS };
    let for_members = |says: Meaning| says.any(wanted) && !says.any(WAYS_IN);
    !controls(own.0, for_members).is_subset(&controls(stranger.0, for_members))
}

/// Whether a page offers what is for members and that a stranger does not get there: ways to help who cannot get in are none.
pub(crate) fn has_more(own: &PageSnapshot, stranger: &PageSnapshot) -> bool {
    let helps = [Concept::Forgot, Concept::SignIn, Concept::SignUp];
    let for_members = |says: Meaning| says.any(FOR_MEMBERS) && !says.any(&helps);
    !controls(own, for_members).is_subset(&controls(stranger, for_members))
}

const WAYS_IN: &[Concept] = &[Concept::SignIn, Concept::SignUp];
const FOR_MEMBERS: &[Concept] =
    &[Concept::SignOut, Concept::Settings, Concept::Security, Concept::Account, Concept::Profile, Concept::Sessions];
/// "Not you? Other account" is shown to whom a browser remembers, too.
const SURELY_FOR_MEMBERS: &[Concept] = &[Concept::SignOut, Concept::Settings, Concept::Security, Concept::Sessions];

/// What can be pressed or followed on a page and says what is `wanted`, with its name and path.
fn controls(snapshot: &PageSnapshot, wanted: impl Fn(Meaning) -> bool) -> BTreeSet<String> {
    let mut all = BTreeSet::new();
    for (_, frame) in snapshot.visible_frames() {
        let buttons = frame.buttons.iter().map(|button| (button.name.as_str(), ""));
        let links = frame.links.iter().map(|link| (link.name.as_str(), path_of(&link.address)));
        for (name, path) in buttons.chain(links) {
            let says = meaning(name).and(attribute_meaning(path));
            if name.chars().count() <= 60 && wanted(says) {
                all.insert(format!("{name}|{path}"));
            }
        }
    }
    all
}

#[cfg(test)]
mod tests {
    use countersign_snapshot::{Frame, PageLink, PageResponse, Text, TextRole};

    use super::*;
    use crate::{SiteKnowledge, recognise};

    fn page(status: u16, links: &[(&str, &str)]) -> (PageSnapshot, Recognised) {
        let links = links.iter().enumerate().map(|(node, (name, path))| PageLink {
            node: u32::try_from(node).unwrap() + 1,
            name: (*name).into(),
            address: format!("https://example.org{path}"),
            ..PageLink::default()
        });
        let frame = Frame {
            origin: "https://example.org".into(),
            address: "https://example.org/".into(),
            links: links.collect(),
            ..Frame::default()
        };
        let answer = Some(PageResponse { status, ..PageResponse::default() });
        let snapshot = PageSnapshot { frames: vec![frame], answer, ..PageSnapshot::default() };
        let read = recognise(&snapshot, &SiteKnowledge::at("https://example.org/"));
        (snapshot, read)
    }

    #[test]
    fn promise_10_members_are_told_from_strangers_by_what_strangers_do_not_get() {
        let settings = page(200, &[("News", "/news"), ("Settings", "/settings")]);
        let news = page(200, &[("News", "/news")]);
        let way_in = page(200, &[("News", "/news"), ("Log in", "/login")]);
        let both = page(200, &[("Log in", "/login"), ("Log out", "/logout")]);
        let both_and_more = page(200, &[("Log in", "/login"), ("Log out", "/logout"), ("Settings", "/settings")]);
        let remembered = page(200, &[("Log in", "/login"), ("Log out", "/logout"), ("Other account", "/switch")]);
        let other_news = page(200, &[("Other news", "/news/2")]);
        for (own, stranger, apart) in [
            (&settings, &news, true),
            (&settings, &settings, false),
            (&news, &way_in, true),
            (&way_in, &news, false),
            (&other_news, &news, false),
            (&both, &both, false),
            (&both_and_more, &both, true),
            (&both_and_more, &both_and_more, false),
            (&remembered, &both, false),
            (&settings, &page(403, &[]), true),
            (&settings, &page(500, &[]), false),
            (&page(403, &[("Settings", "/settings")]), &news, false),
        ] {
            assert_eq!(tells_apart((&own.0, &own.1), (&stranger.0, &stranger.1)), apart, "{own:?} {stranger:?}");
        }
    }

    #[test]
    fn promise_10_where_a_sign_in_led_shows_it_only_by_what_members_have() {
        let helps = [("Forgot your account?", "/account/recover"), ("Sign up", "/account/new")];
        let refused = page(200, &helps);
        let members = page(200, &[("Show codes", "/account/codes"), helps[0]]);
        let stranger = page(200, &[("Log in", "/login")]);
        assert!(tells_apart((&members.0, &members.1), (&stranger.0, &stranger.1)));
        assert!(has_more(&members.0, &stranger.0));
        assert!(!has_more(&refused.0, &stranger.0), "a page that only helps who was refused");
        assert!(!has_more(&members.0, &members.0));
    }

    #[test]
    fn promise_10_what_stood_there_before_anything_was_sent_refuses_nobody() {
        let text = |said: &str| Text { text: said.into(), role: TextRole::Alert, ..Text::default() };
        let (mut snapshot, _) = page(200, &[("News", "/news")]);
        snapshot.frames[0].texts = vec![text("Wrong user name or password")];
        let read = recognise(&snapshot, &SiteKnowledge::at("https://example.org/"));
        let furniture: BTreeSet<String> = read.refusals.iter().map(|(_, text)| text.clone()).collect();
        assert_eq!(standing(&snapshot, &read, &BTreeSet::new()), Standing::Out(Some(MessageKind::WrongPassword)));
        assert_eq!(standing(&snapshot, &read, &furniture), Standing::Doubt);
    }

    #[test]
    fn promise_10_nobody_is_signed_in_because_nothing_else_fits() {
        for (links, status, stands) in [
            (&[("News", "/news")][..], 200, Standing::Doubt),
            (&[("Log out", "/logout")][..], 200, Standing::In),
            (&[("Log out", "/logout"), ("Log in", "/login")][..], 200, Standing::Doubt),
            (&[("Log in", "/login")][..], 200, Standing::Doubt),
            (&[("News", "/news")][..], 401, Standing::Out(None)),
            (&[("News", "/news")][..], 403, Standing::Out(None)),
        ] {
            let (snapshot, read) = page(status, links);
            assert_eq!(standing(&snapshot, &read, &BTreeSet::new()), stands, "{links:?} {status}");
        }
    }
}
