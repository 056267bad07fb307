//! HTTP: cookies and addresses in, documents and pieces out.

use super::exchange::{Outcome, exchange};
use super::{Shared, live};
use crate::clock::http_date;
use crate::hurdles::{Transport, WayIn};
use crate::journal::{Gate, Heard, Typed};

use crate::page_name::PageName;
use crate::site::{Answer, Ask, Fields, Page, Site, origin_of, page_of, who};
use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::{DefaultBodyLimit, State};
use axum::http::header::{
    AUTHORIZATION, CACHE_CONTROL, CONTENT_DISPOSITION, CONTENT_TYPE, COOKIE, DATE, LOCATION, RETRY_AFTER, SET_COOKIE,
    USER_AGENT, WWW_AUTHENTICATE,
};
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, Uri};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::Response;
use axum::routing::{any, get, post};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use futures_util::stream;
use serde_json::{Value, json};

/// One listener: its shared state and which of the three it is.
#[derive(Clone, Debug)]
pub(super) struct Door {
    pub(super) shared: Shared,
    pub(super) gate: Gate,
}

/// The routes of a listener. Pages have no routes of their own: where they are, the layout decides.
pub(crate) fn router(shared: Shared, gate: Gate) -> Router {
    let door = Door { shared, gate };
    Router::new()
        .route("/typed", post(typed))
        .route("/live", any(live::live))
        .route("/endless", get(endless))
        .fallback(page)
        .layer(DefaultBodyLimit::max(1 << 20))
        .layer(from_fn_with_state(door.clone(), dated))
        .with_state(door)
}

/// Reads what a browser asks for. The second is the cookies to set when the visit is new.
pub(super) fn ask_of(door: &Door, post: bool, uri: &Uri, headers: &HeaderMap, body: &[u8]) -> (Ask, Vec<String>) {
    let query = Fields::parse(uri.query().unwrap_or_default().as_bytes());
    let mut set = Vec::new();
    let visit = match door.gate {
        Gate::Frame => query.first("v").unwrap_or_default().to_owned(),
        Gate::Trap => "trap".to_owned(),
        Gate::Site => {
            let (visit, cookies) = visit_of(door, headers);
            set = cookies;
            visit
        }
    };
    let ask = Ask {
        gate: door.gate,
        post,
        path: decoded(uri.path()),
        query,
        fields: Fields::parse(body),
        visit,
        consented: cookie(headers, "consent").is_some(),
    };
    (ask, set)
}

/// The visit of a browser, opened if there is none; and the cookies that say so.
fn visit_of(door: &Door, headers: &HeaderMap) -> (String, Vec<String>) {
    let mut world = door.shared.world.lock();
    if let Some(known) = cookie(headers, "sid").filter(|id| world.visits.contains_key(id)) {
        return (known, Vec::new());
    }
    let agent = headers.get(USER_AGENT).and_then(|agent| agent.to_str().ok()).unwrap_or_default();
    let (visit, browser) = world.new_visit(cookie(headers, "bid").as_deref(), agent);
    let set = vec![
        format!("sid={visit}; Path=/; HttpOnly; SameSite=Lax"),
        format!("bid={browser}; Path=/; HttpOnly; SameSite=Lax; Max-Age=31536000"),
    ];
    (visit, set)
}

async fn page(State(door): State<Door>, method: Method, uri: Uri, headers: HeaderMap, body: Bytes) -> Response {
    let (ask, set) = ask_of(&door, method == Method::POST, &uri, &headers, &body);
    let known_frame = || door.shared.world.lock().visits.contains_key(&ask.visit);
    let mut response = if door.gate == Gate::Frame && !known_frame() {
        plain(StatusCode::NOT_FOUND, "no such visit")
    } else if let Some(asked) = basic(&door, &ask, &headers) {
        asked
    } else if headers.contains_key("x-part") {
        match part(&door.shared, ask).await {
            Some((status, told)) => with(status, "application/json", told.to_string()),
            None => dying(Vec::new()),
        }
    } else if let Some(shell) = shell(&door, &ask) {
        shell
    } else {
        let outcome = exchange(&door.shared, &ask).await;
        full(&door, &ask, outcome)
    };
    for cookie in set {
        if let Ok(value) = HeaderValue::from_str(&cookie) {
            response.headers_mut().append(SET_COOKIE, value);
        }
    }
    response
}

/// The browser's own window for name and password (RFC 7617 §2): the answer that opens it, or whoever came in by it.
fn basic(door: &Door, ask: &Ask, headers: &HeaderMap) -> Option<Response> {
    let mut world = door.shared.world.lock();
    let (_, hurdles) = page_of(&world, ask);
    if hurdles.odd.way != WayIn::Basic || door.gate != Gate::Site {
        return None;
    }
    let sent =
        headers.get(AUTHORIZATION).and_then(|sent| sent.to_str().ok()).and_then(|sent| sent.strip_prefix("Basic "));
    let told = sent.and_then(|sent| STANDARD.decode(sent.trim()).ok()).and_then(|told| String::from_utf8(told).ok());
    let now = world.now();
    let (name, password) = told.as_deref().and_then(|told| told.split_once(':')).unwrap_or_default();
    let guard = hurdles.sign_in.guard;
    let right = world.find_user(name).is_some_and(|user| user.is_password(password));
    if right {
        if let Some(visit) = world.visits.get_mut(&ask.visit) {
            (visit.user, visit.proved_at) = (Some(name.to_owned()), Some(now));
        }
        return None;
    }
    if let Some(user) = world.find_user(name) {
        user.try_password(password, &guard, now);
    }
    let mut response = with(StatusCode::UNAUTHORIZED, "text/html; charset=utf-8", "<h1>401</h1>");
    response.headers_mut().insert(WWW_AUTHENTICATE, HeaderValue::from_static("Basic realm=\"Plauder\""));
    Some(response)
}

/// Without navigation, the first page is a shell whose script asks for the content.
fn shell(door: &Door, ask: &Ask) -> Option<Response> {
    if ask.post || door.gate != Gate::Site || ask.query.first("after").is_some() {
        return None;
    }
    let mut world = door.shared.world.lock();
    let (page, hurdles) = page_of(&world, ask);
    let file = ["/picture/", "/files/", "/pop-up"].iter().any(|file| ask.path.starts_with(file));
    if hurdles.look.transport == Transport::Pages || matches!(page, PageName::WellKnown | PageName::Out) || file {
        return None;
    }
    let found = page != PageName::NotFound || hurdles.web.every_path_200;
    let status = if found { StatusCode::OK } else { StatusCode::NOT_FOUND };
    let document = Site::new(&mut world, ask).shell();
    Some(with(status, "text/html; charset=utf-8", document))
}

/// An answer as a document of its own.
fn full(door: &Door, ask: &Ask, outcome: Outcome) -> Response {
    let (answer, halfway) = match outcome {
        Outcome::Answered(answer) => (answer, false),
        Outcome::DiedHalfway(answer) => (answer, true),
        Outcome::Died => return dying(Vec::new()),
        Outcome::Failed(status) => return failed(status),
    };
    let mut world = door.shared.world.lock();
    match answer {
        Answer::Page(page) => {
            let status = StatusCode::from_u16(page.status).unwrap_or(StatusCode::OK);
            let document = Site::new(&mut world, ask).document(*page);
            if halfway {
                return dying(document.as_bytes()[..document.len() / 2].to_vec());
            }
            let mut response = with(status, "text/html; charset=utf-8", document);
            if status == StatusCode::TOO_MANY_REQUESTS {
                response.headers_mut().insert(RETRY_AFTER, HeaderValue::from_static("60"));
            }
            response
        }
        _ if halfway => dying(b"<!doctype html><html><head>".to_vec()),
        Answer::Jump(path) => {
            let path = if ask.gate == Gate::Frame { format!("{path}?v={}", ask.visit) } else { path };
            to(StatusCode::SEE_OTHER, &path)
        }
        Answer::Away(address) => to(StatusCode::FOUND, &address),
        Answer::File { mime, body, attached } => {
            let mut response = with(StatusCode::OK, mime, body);
            if attached {
                let disposition = HeaderValue::from_static("attachment; filename=\"report.zip\"");
                response.headers_mut().insert(CONTENT_DISPOSITION, disposition);
            }
            response
        }
        Answer::Piece(nodes) => {
            with(StatusCode::OK, "text/html; charset=utf-8", Site::new(&mut world, ask).piece(nodes))
        }
    }
}

/// An answer to swap in, jumps followed: the status and what the script reads. `None` is a connection that dies.
pub(super) async fn part(shared: &Shared, mut ask: Ask) -> Option<(StatusCode, Value)> {
    for _ in 0..8 {
        let answer = match exchange(shared, &ask).await {
            Outcome::Answered(answer) => answer,
            Outcome::Died | Outcome::DiedHalfway(_) => return None,
            Outcome::Failed(status) => {
                let status = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
                return Some((status, swapped_failure(&ask.path, status)));
            }
        };
        match answer {
            Answer::Page(page) => {
                let status = StatusCode::from_u16(page.status).unwrap_or(StatusCode::OK);
                return Some((status, swapped(shared, &ask, *page)));
            }
            Answer::Away(address) => return Some((StatusCode::OK, json!({ "away": address }))),
            Answer::File { .. } | Answer::Piece(_) => return Some((StatusCode::OK, json!({ "away": ask.path }))),
            Answer::Jump(path) => {
                let (path, query) = path.split_once('?').map_or((path.as_str(), ""), |(path, query)| (path, query));
                ask = Ask {
                    post: false,
                    path: path.to_owned(),
                    query: Fields::parse(query.as_bytes()),
                    fields: Fields::default(),
                    ..ask
                };
            }
        }
    }
    Some((StatusCode::LOOP_DETECTED, swapped_failure(&ask.path, StatusCode::LOOP_DETECTED)))
}

fn swapped(shared: &Shared, ask: &Ask, page: Page) -> Value {
    let mut world = shared.world.lock();
    let swapped = Site::new(&mut world, ask).swapped(page);
    json!({
        "html": swapped.html, "title": swapped.title, "page": swapped.page, "noise": swapped.noise, "path": ask.path,
    })
}

fn swapped_failure(path: &str, status: StatusCode) -> Value {
    json!({ "html": format!("<main><h1>{status}</h1></main>"), "title": status.to_string(), "page": "any", "noise": {}, "path": path })
}

/// What a page's script heard being typed.
async fn typed(State(door): State<Door>, headers: HeaderMap, body: Bytes) -> StatusCode {
    let row = Fields::parse(&body);
    let told = |name| row.first(name).unwrap_or_default().to_owned();
    let visit = match door.gate {
        Gate::Site => cookie(&headers, "sid").unwrap_or_default(),
        Gate::Frame => told("v"),
        Gate::Trap => "trap".to_owned(),
    };
    let mut world = door.shared.world.lock();
    let ask = Ask {
        gate: door.gate,
        post: false,
        path: "/".into(),
        query: Fields::default(),
        fields: Fields::default(),
        visit,
        consented: true,
    };
    let (_, hurdles) = page_of(&world, &ask);
    let role = crate::layout::Layout::new(&hurdles).names.role(&told("field"));
    let page = serde_json::from_value(Value::String(told("page"))).unwrap_or(PageName::Any);
    let (at, user, origin) = (world.now(), who(&world, &ask.visit), origin_of(&world, door.gate));
    world.journal.hear(Typed {
        at,
        gate: door.gate,
        origin,
        page,
        field: told("field"),
        role,
        value: told("value"),
        how: Heard::Typed,
        user,
    });
    StatusCode::NO_CONTENT
}

/// A request without an answer, for pages that never settle.
async fn endless(State(door): State<Door>) -> StatusCode {
    let mut ending = door.shared.ending.clone();
    // An error means that the site is gone, which ends the wait as well.
    let _ended = ending.wait_for(|ending| *ending).await;
    StatusCode::NO_CONTENT
}

/// The site's own `Date`.
async fn dated(State(door): State<Door>, request: axum::extract::Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    let now = door.shared.world.lock().now();
    if let Some(date) = http_date(now).and_then(|date| HeaderValue::from_str(&date).ok()) {
        response.headers_mut().insert(DATE, date);
    }
    response
}

fn cookie(headers: &HeaderMap, name: &str) -> Option<String> {
    let all = headers.get_all(COOKIE).iter().filter_map(|value| value.to_str().ok());
    all.flat_map(|line| line.split(';'))
        .filter_map(|pair| pair.trim().split_once('='))
        .find(|(known, _)| *known == name)
        .map(|(_, value)| value.to_owned())
}

fn decoded(path: &str) -> String {
    let pair = format!("p={}", path.replace('+', "%2B"));
    url::form_urlencoded::parse(pair.as_bytes()).next().map(|(_, path)| path.into_owned()).unwrap_or_default()
}

fn with(status: StatusCode, mime: &'static str, body: impl Into<Body>) -> Response {
    let mut response = Response::new(body.into());
    *response.status_mut() = status;
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static(mime));
    response.headers_mut().insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

fn plain(status: StatusCode, text: &'static str) -> Response {
    with(status, "text/plain", text)
}

fn to(status: StatusCode, address: &str) -> Response {
    let mut response = with(status, "text/plain", Body::empty());
    if let Ok(address) = HeaderValue::from_str(address) {
        response.headers_mut().insert(LOCATION, address);
    }
    response
}

fn failed(status: u16) -> Response {
    let status = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let page = format!(
        "<!doctype html>\n<html lang=\"en\"><head><title>{status}</title></head><body><h1>{status}</h1></body></html>"
    );
    let mut response = with(status, "text/html; charset=utf-8", page);
    if status == StatusCode::SERVICE_UNAVAILABLE {
        response.headers_mut().insert(RETRY_AFTER, HeaderValue::from_static("30"));
    }
    response
}

/// A response whose connection breaks: at once when `begun` is empty, else when it has gone out.
fn dying(begun: Vec<u8>) -> Response {
    let broken = || std::io::Error::other("the site dies here");
    let body = if begun.is_empty() {
        Body::from_stream(stream::once(async move { Err::<Bytes, _>(broken()) }))
    } else {
        let steps = stream::unfold(0_u8, move |step| {
            let begun = begun.clone();
            async move {
                match step {
                    0 => Some((Ok(Bytes::from(begun)), 1)),
                    1 => {
                        // Lets the connection send what it has before it breaks.
                        tokio::task::yield_now().await;
                        Some((Err(broken()), 2))
                    }
                    _ => None,
                }
            }
        });
        Body::from_stream(steps)
    };
    with(StatusCode::OK, "text/html; charset=utf-8", body)
}
