//! What is known of a page from its events: frames, their documents and worlds, requests under way.

use std::{
    collections::{HashMap, HashSet, VecDeque},
    sync::Arc,
    time::Duration,
};

use countersign_snapshot::{PageResponse, SentRequests};
use tokio::time::Instant;

use crate::{
    cdp::{
        CdpSession,
        network::{LoadingEnded, RequestWillBeSent, ResponseReceived, ResponseReceivedExtraInfo},
        page::{FrameInfo, FrameTree},
        runtime::ExecutionContext,
    },
    inside,
};

/// Frames that are looked into, and as many that could not be loaded; more are advertisements.
const MAX_FRAMES: usize = 40;

/// A frame and the document in it.
#[derive(Clone)]
pub(crate) struct FrameState {
    pub(crate) parent: Option<String>,
    pub(crate) session: CdpSession,
    /// The document's name; changes with each navigation to another document.
    pub(crate) document: String,
    /// Where the script beside the document lives; `None` until it does.
    pub(crate) world: Option<i64>,
    /// Nodes that were handed to that script.
    pub(crate) adopted: HashSet<i64>,
    /// The script said that the document rests.
    pub(crate) quiet: bool,
    /// The address that could not be reached; a page of Chromium's own stands in its place.
    pub(crate) unreachable: Option<String>,
    /// A navigation has begun and has not yet shown a document.
    pub(crate) leaving: bool,
}

/// A request that has no answer yet.
pub(crate) struct Request {
    since: Instant,
    /// It brings the page's own next document.
    main_document: bool,
    /// A script has asked, or is what was asked for, and makes something of the answer.
    by_script: bool,
}

/// All that events tell.
pub(crate) struct PageState {
    pub(crate) main_frame: String,
    pub(crate) frames: HashMap<String, FrameState>,
    requests: HashMap<(Arc<str>, String), Request>,
    /// WebSockets, with the time since which something that was sent over them has no answer.
    sockets: HashMap<(Arc<str>, String), Option<Instant>>,
    pub(crate) answer: Option<PageResponse>,
    /// When a request for a script, or by one, last began or ended, or something went over a socket.
    pub(crate) last_traffic: Instant,
    /// When a document last came or was done, or the request for one or for a style began or ended.
    pub(crate) last_loading: Instant,
    pub(crate) crashed: bool,
    attempts: SubmissionCounts,
    /// Documents that forms have asked for and that have no answer yet, and how often something was sent.
    posts: HashSet<String>,
    sent: SentRequests,
    /// Documents that could not be loaded, of the page and of its frames, and why; the last ones.
    failures: VecDeque<(String, String)>,
    /// The last answer that asked for name and password, with the request that it was for.
    asked_who: Option<(String, PageResponse)>,
}

/// How often something was asked of the site in a way that may have sent a form.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct SubmissionCounts {
    /// Documents in the place of others: of the page itself, or of its own site in a frame.
    pub(crate) documents: u64,
    /// What scripts sent with a method other than `GET` to the site of the page that did it.
    pub(crate) requests: u64,
}

impl PageState {
    pub(crate) fn new(main_frame: String, session: CdpSession) -> Self {
        let mut frames = HashMap::new();
        frames.insert(main_frame.clone(), FrameState::new(None, session));
        Self {
            main_frame,
            frames,
            requests: HashMap::new(),
            sockets: HashMap::new(),
            answer: None,
            last_traffic: Instant::now(),
            last_loading: Instant::now(),
            crashed: false,
            attempts: SubmissionCounts::default(),
            posts: HashSet::new(),
            sent: SentRequests::default(),
            failures: VecDeque::new(),
            asked_who: None,
        }
    }

    pub(crate) const fn attempts(&self) -> SubmissionCounts {
        self.attempts
    }

    /// As a snapshot tells it.
    pub(crate) const fn sent(&self) -> SentRequests {
        self.sent
    }

    /// Chromium asks a person who they are before it shows such an answer, and shows nothing of it when nobody says.
    pub(crate) fn answer_came(&mut self, came: &ResponseReceivedExtraInfo<'_>) {
        let status @ 401 = came.status_code else { return };
        let sign_in_scheme = came.header("www-authenticate").and_then(|asked| scheme_of(&asked));
        let answer = PageResponse { status, sign_in_scheme, ..PageResponse::default() };
        self.asked_who = Some((came.request_id.clone(), answer));
    }

    /// How the server answered for a document that could not be shown, if it did.
    pub(crate) fn answer_unshown(&self) -> Option<PageResponse> {
        let document = &self.main()?.document;
        self.asked_who.as_ref().filter(|(id, _)| id == document).map(|(_, answer)| answer.clone())
    }

    /// Why that document was not loaded, as Chromium names it without `net::`; empty when that is not known.
    pub(crate) fn load_error(&self, document: &str) -> String {
        let failure = self.failures.iter().rev().find(|(id, _)| id == document);
        failure.map_or_else(String::new, |(_, why)| why.trim_start_matches("net::").to_owned())
    }

    pub(crate) fn main(&self) -> Option<&FrameState> {
        self.frames.get(&self.main_frame)
    }

    /// The frames with the page itself first and each after the frame around it, siblings in a fixed order.
    pub(crate) fn in_order(&self) -> Vec<(String, FrameState)> {
        let mut order = vec![self.main_frame.clone()];
        let mut next = 0;
        while next < order.len() {
            let mut children: Vec<&String> = self
                .frames
                .iter()
                .filter(|(_, state)| state.parent.as_ref() == Some(&order[next]))
                .map(|(id, _)| id)
                .collect();
            children.sort();
            order.extend(children.into_iter().cloned());
            next += 1;
        }
        order.into_iter().filter_map(|id| self.frames.get(&id).map(|state| (id.clone(), state.clone()))).collect()
    }

    /// The frames with a script beside their document.
    pub(crate) fn known_frames(&self) -> Vec<(String, FrameState)> {
        let mut frames = self.in_order();
        frames.retain(|(_, state)| state.world.is_some());
        frames.truncate(MAX_FRAMES);
        frames
    }

    /// The same, and those whose document could not be loaded: what stands there is Chromium's own.
    pub(crate) fn frames_of_picture(&self) -> Vec<(String, FrameState)> {
        let mut frames = self.in_order();
        let (mut known, mut not_loaded) = (0, 0);
        frames.retain(|(_, state)| {
            let count = if state.unreachable.is_none() { &mut known } else { &mut not_loaded };
            *count += 1;
            *count <= MAX_FRAMES && (state.world.is_some() || state.unreachable.is_some())
        });
        frames
    }

    pub(crate) fn frame_attached(&mut self, id: &str, parent: &str, session: &CdpSession) {
        self.frames.entry(id.to_owned()).or_insert_with(|| FrameState::new(Some(parent.to_owned()), session.clone()));
    }

    /// The frames of a session that was there before anyone listened.
    pub(crate) fn tree(&mut self, tree: &FrameTree, session: &CdpSession) {
        if self.frames.get(&tree.frame.id).is_none_or(|frame| frame.document.is_empty()) {
            self.frame_navigated(&tree.frame, session);
        }
        for child in &tree.child_frames {
            self.tree(child, session);
        }
    }

    pub(crate) fn frame_navigated(&mut self, info: &FrameInfo, session: &CdpSession) {
        let frame = self
            .frames
            .entry(info.id.clone())
            .or_insert_with(|| FrameState::new(info.parent_id.clone(), session.clone()));
        if frame.session.id() != session.id() {
            // The frame moved to another process; the world of before is not reachable through the new session.
            frame.session = session.clone();
            frame.world = None;
        }
        if frame.document != info.loader_id {
            frame.document.clone_from(&info.loader_id);
            frame.quiet = false;
        }
        frame.unreachable.clone_from(&info.unreachable_url);
        frame.leaving = false;
        if info.id == self.main_frame {
            // Whatever was asked for before it, answered or not, will not be shown any more.
            self.requests.retain(|_, request| !request.main_document);
            self.sockets.clear();
        }
        self.last_loading = Instant::now();
    }

    /// A frame is gone, with all that is in it.
    pub(crate) fn frame_detached(&mut self, id: &str) {
        self.frames.remove(id);
        let orphans: Vec<String> = self
            .frames
            .iter()
            .filter(|(_, state)| state.parent.as_deref() == Some(id))
            .map(|(id, _)| id.clone())
            .collect();
        for orphan in orphans {
            self.frame_detached(&orphan);
        }
    }

    pub(crate) fn leaving(&mut self, id: &str, begun: bool) {
        if let Some(frame) = self.frames.get_mut(id) {
            frame.leaving = begun;
            self.last_loading = Instant::now();
        }
    }

    pub(crate) fn world_made(&mut self, info: &ExecutionContext, session: &CdpSession) {
        if info.name != inside::WORLD {
            return;
        }
        let frame =
            self.frames.entry(info.aux_data.frame_id.clone()).or_insert_with(|| FrameState::new(None, session.clone()));
        frame.session = session.clone();
        frame.world = Some(info.id);
        frame.adopted.clear();
        frame.quiet = false;
    }

    pub(crate) fn world_gone(&mut self, world: Option<i64>, session: &CdpSession) {
        for frame in self.frames.values_mut() {
            if frame.session.id() == session.id() && (world.is_none() || frame.world == world) {
                frame.world = None;
            }
        }
    }

    /// The frame and document that a script beside a document speaks for.
    pub(crate) fn frame_of_world(&self, world: i64, session: &CdpSession) -> Option<(String, String)> {
        let mut frames = self.frames.iter();
        let found = frames.find(|(_, frame)| frame.world == Some(world) && frame.session.id() == session.id());
        found.map(|(id, frame)| (id.clone(), frame.document.clone()))
    }

    pub(crate) fn told(&mut self, world: i64, session: &CdpSession, word: &str) {
        let found =
            self.frames.values_mut().find(|frame| frame.world == Some(world) && frame.session.id() == session.id());
        if let Some(frame) = found {
            frame.quiet = word == "quiet";
        }
    }

    pub(crate) fn session_gone(&mut self, session: &str) {
        self.requests.retain(|(owner, _), _| &**owner != session);
        self.sockets.retain(|(owner, _), _| &**owner != session);
        let gone: Vec<String> = self
            .frames
            .iter()
            .filter(|(_, frame)| &**frame.session.id() == session)
            .map(|(id, _)| id.clone())
            .collect();
        for id in gone {
            self.frame_detached(&id);
        }
    }

    pub(crate) fn request_begun(&mut self, request: &RequestWillBeSent, session: &Arc<str>) {
        // What decorates the page, and what stays open on purpose, is not waited for.
        if !matches!(request.kind.as_str(), "Document" | "XHR" | "Fetch" | "Script" | "Stylesheet") {
            return;
        }
        let main_document = request.kind == "Document"
            && request.request_id == request.loader_id
            && request.frame_id.as_deref() == Some(&self.main_frame);
        /// Far more than a page has forms under way.
        const MAX_POSTS: usize = 100;
        // A redirect that goes on with `GET` keeps its request.
        if request.kind == "Document" && request.request.method != "GET" && self.posts.len() < MAX_POSTS {
            self.posts.insert(request.request_id.clone());
        }
        match request.kind.as_str() {
            "Document" if self.goes_on(request) => self.attempts.documents += 1,
            "XHR" | "Fetch"
                if request.request.method != "GET" && same_site(&request.request.url, &request.document_url) =>
            {
                self.attempts.requests += 1;
                self.sent.scripts += 1;
            }
            _ => {}
        }
        let by_script = matches!(request.kind.as_str(), "XHR" | "Fetch" | "Script");
        self.moved(by_script);
        // A page that asks for more than this at once is not one that can be waited for.
        if self.requests.len() < 500 {
            self.requests.insert(
                (Arc::clone(session), request.request_id.clone()),
                Request { since: Instant::now(), main_document, by_script },
            );
        }
    }

    /// Whether a document is asked for in the place of one that may hold a form, and not for a frame that has just come.
    fn goes_on(&self, request: &RequestWillBeSent) -> bool {
        let Some(frame) = request.frame_id.as_ref() else { return false };
        let shown = self.frames.get(frame).is_some_and(|state| !state.document.is_empty());
        *frame == self.main_frame || (shown && same_site(&request.request.url, &request.document_url))
    }

    pub(crate) fn response_came(&mut self, came: &ResponseReceived) {
        if self.posts.remove(&came.request_id) {
            self.sent.documents += 1;
        }
        let main = came.kind == "Document"
            && came.request_id == came.loader_id
            && came.frame_id.as_deref() == Some(&self.main_frame);
        if !main {
            return;
        }
        let response = &came.response;
        let header = |wanted: &str| {
            response.headers.iter().find(|(name, _)| name.eq_ignore_ascii_case(wanted)).map(|(_, value)| value.clone())
        };
        let stored = response.from_disk_cache || response.from_service_worker;
        #[expect(clippy::cast_possible_truncation, reason = "milliseconds since 1970 fit")]
        let received_at_ms = response.response_time.map(|time| time as i64);
        self.answer = Some(PageResponse {
            status: response.status,
            sign_in_scheme: if response.status == 401 {
                header("www-authenticate").and_then(|asked| scheme_of(&asked))
            } else {
                None
            },
            date: if stored { None } else { header("date") },
            age: header("age").and_then(|age| age.parse().ok()),
            received_at_ms,
        });
    }

    pub(crate) fn request_ended(&mut self, over: &LoadingEnded, session: &Arc<str>) {
        /// More than a page has frames that are looked into.
        const MAX_FAILURES: usize = 100;
        if over.kind == "Document" && !over.error_text.is_empty() {
            self.failures.push_back((over.request_id.clone(), over.error_text.clone()));
            if self.failures.len() > MAX_FAILURES {
                self.failures.pop_front();
            }
        }
        self.posts.remove(&over.request_id);
        if let Some(request) = self.requests.remove(&(Arc::clone(session), over.request_id.clone())) {
            self.moved(request.by_script);
        }
    }

    /// A request has begun or ended.
    fn moved(&mut self, by_script: bool) {
        let last = if by_script { &mut self.last_traffic } else { &mut self.last_loading };
        *last = Instant::now();
    }

    /// A WebSocket was opened, or something was sent over it: its answer may be the page's next content. How long ago the
    /// first of several was sent counts, so that one that only ever reports is not waited for again and again.
    pub(crate) fn socket_asked(&mut self, id: &str, session: &Arc<str>) {
        let key = (Arc::clone(session), id.to_owned());
        self.sent.scripts += 1;
        let first = self.sockets.get(&key).copied().flatten();
        if first.is_none() && self.sockets.len() < 100 {
            self.sockets.insert(key, Some(Instant::now()));
        }
        self.last_traffic = Instant::now();
    }

    pub(crate) fn socket_answered(&mut self, id: &str, session: &Arc<str>, open: bool) {
        let key = (Arc::clone(session), id.to_owned());
        if !open {
            self.sockets.remove(&key);
        } else if let Some(asked) = self.sockets.get_mut(&key) {
            *asked = None;
        }
        self.last_traffic = Instant::now();
    }

    /// Whether something is under way that will change the page. Requests older than `open_ended` are taken for ones that
    /// never end, except the page's own next document.
    pub(crate) fn loading(&self, open_ended: Duration) -> bool {
        self.main().is_none_or(|main| main.leaving || (main.world.is_none() && main.unreachable.is_none()))
            || self.requests.values().any(|request| request.main_document || request.since.elapsed() < open_ended)
            || self.sockets.values().flatten().any(|asked| asked.elapsed() < open_ended)
    }

    /// Whether every document rests.
    pub(crate) fn quiet(&self) -> bool {
        self.frames.values().all(|frame| frame.world.is_none() || frame.quiet)
    }
}

/// Whether two addresses seem to belong to one site: the same host, or names with the same last two parts. Only for telling
/// what a page does; no permission hangs on it.
fn same_site(one: &str, other: &str) -> bool {
    let host = |address: &str| url::Url::parse(address).ok().and_then(|url| url.host().map(|host| host.to_owned()));
    match (host(one), host(other)) {
        (Some(url::Host::Domain(one)), Some(url::Host::Domain(other))) => {
            let last_two = |name: &str| name.rsplit('.').take(2).map(str::to_owned).collect::<Vec<_>>();
            last_two(&one) == last_two(&other)
        }
        (one, other) => one.is_some() && one == other,
    }
}

/// The scheme of the first challenge of a `WWW-Authenticate` header, in lower case (RFC 9110 §11.6.1).
fn scheme_of(asked: &str) -> Option<String> {
    let name = asked.trim_start().split([' ', ',', '\n']).next().unwrap_or_default();
    (!name.is_empty()).then(|| name.to_ascii_lowercase())
}

impl FrameState {
    fn new(parent: Option<String>, session: CdpSession) -> Self {
        Self {
            parent,
            session,
            document: String::new(),
            world: None,
            adopted: HashSet::new(),
            quiet: false,
            unreachable: None,
            leaving: false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_request_to_another_site_sends_no_form_of_this_one() {
        for (one, other, same) in [
            ("https://a.example/x", "https://a.example/", true),
            ("https://api.shop.example/x", "https://www.shop.example/", true),
            ("https://stats.example/x", "https://shop.example/", false),
            ("http://127.0.0.1:1/", "http://127.0.0.1:2/", true),
            ("http://10.0.0.1/", "http://11.0.0.1/", false),
            ("data:,x", "https://shop.example/", false),
        ] {
            assert_eq!(same_site(one, other), same, "{one} {other}");
        }
    }

    #[test]
    fn the_first_scheme_of_a_challenge_counts() {
        assert_eq!(scheme_of("Basic realm=\"x\"").as_deref(), Some("basic"));
        assert_eq!(scheme_of("Negotiate, Basic realm=x").as_deref(), Some("negotiate"));
        assert_eq!(scheme_of(""), None);
    }
}
