//! A small browser without script: cookies, redirects, forms.

use crate::markup::{Element, read};
use std::collections::BTreeMap;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use url::Url;

/// One browser and the page it shows.
#[derive(Clone, Debug)]
pub(crate) struct Browser {
    pub(crate) origin: Url,
    /// Asks for pieces to swap in, as a page without navigation does.
    pub(crate) part: bool,
    pub(crate) cookies: BTreeMap<String, String>,
    /// Path and query of the page.
    pub(crate) address: String,
    pub(crate) status: u16,
    pub(crate) headers: BTreeMap<String, String>,
    pub(crate) body: String,
    pub(crate) page: Element,
    /// Another origin to which the site has sent this browser.
    pub(crate) away: Option<String>,
}

/// A form as it stands on a page.
#[derive(Clone, Debug)]
pub(crate) struct Form {
    pub(crate) method: String,
    pub(crate) action: String,
    /// Name, type and value of each input, in order.
    pub(crate) inputs: Vec<(String, String, String)>,
}

/// The connection ended before a whole answer had come.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Died {
    /// What had come.
    pub(crate) received: usize,
}

/// A raw answer: status, headers, body.
pub(crate) struct Raw {
    pub(crate) status: u16,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: Vec<u8>,
}

impl Browser {
    pub(crate) fn new(origin: &str) -> Self {
        Self {
            origin: Url::parse(origin).unwrap(),
            part: false,
            cookies: BTreeMap::new(),
            address: String::new(),
            status: 0,
            headers: BTreeMap::new(),
            body: String::new(),
            page: Element::default(),
            away: None,
        }
    }

    pub(crate) async fn get(&mut self, address: &str) -> &mut Self {
        self.try_get(address).await.unwrap();
        self
    }

    pub(crate) async fn try_get(&mut self, address: &str) -> Result<(), Died> {
        self.request("GET", address, "").await
    }

    pub(crate) async fn post(&mut self, address: &str, fields: &[(String, String)]) -> Result<(), Died> {
        let mut encoded = url::form_urlencoded::Serializer::new(String::new());
        encoded.extend_pairs(fields);
        let body = encoded.finish();
        self.request("POST", address, &body).await
    }

    /// The forms of the page.
    pub(crate) fn forms(&self) -> Vec<Form> {
        self.page
            .tags("form")
            .into_iter()
            .map(|form| Form {
                method: form.attribute("method").to_owned(),
                action: form.attribute("action").to_owned(),
                inputs: form
                    .tags("input")
                    .into_iter()
                    .map(|input| {
                        let attribute = |name| input.attribute(name).to_owned();
                        (attribute("name"), attribute("type"), attribute("value"))
                    })
                    .collect(),
            })
            .collect()
    }

    /// The form whose action is this path.
    pub(crate) fn form(&self, path: &str) -> Option<Form> {
        self.forms().into_iter().find(|form| form.action.split('?').next() == Some(path))
    }

    /// Whether the page has a link to this path.
    pub(crate) fn links_to(&self, path: &str) -> bool {
        self.page.tags("a").iter().any(|link| link.attribute("href") == path)
    }

    /// The path of the page.
    pub(crate) fn path(&self) -> &str {
        self.address.split('?').next().unwrap_or_default()
    }

    pub(crate) fn says(&self, text: &str) -> bool {
        self.page.words().contains(text)
    }

    async fn request(&mut self, method: &str, address: &str, body: &str) -> Result<(), Died> {
        let (mut method, mut address, mut body) = (method.to_owned(), address.to_owned(), body.to_owned());
        self.away = None;
        for _ in 0..10 {
            let cookies: Vec<String> = self.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
            let mut head = format!("{method} {address} HTTP/1.1\r\nhost: {}\r\nconnection: close\r\n", self.host());
            head.push_str(&format!("cookie: {}\r\nuser-agent: small\r\n", cookies.join("; ")));
            if self.part {
                head.push_str("x-part: 1\r\n");
            }
            if method == "POST" {
                head.push_str("content-type: application/x-www-form-urlencoded\r\n");
            }
            head.push_str(&format!("content-length: {}\r\n\r\n{body}", body.len()));
            let raw = send(&self.host(), head.as_bytes()).await?;
            for (_, cookie) in raw.headers.iter().filter(|(name, _)| name == "set-cookie") {
                let (name, value) = cookie.split(';').next().unwrap().split_once('=').unwrap();
                self.cookies.insert(name.to_owned(), value.to_owned());
            }
            self.status = raw.status;
            self.headers = raw.headers.into_iter().collect();
            self.address = address.clone();
            if let (300..=399, Some(location)) = (raw.status, self.headers.get("location")) {
                let to = self.origin.join(location).unwrap();
                if to.origin() != self.origin.origin() {
                    self.away = Some(to.to_string());
                    return Ok(());
                }
                address = to[url::Position::BeforePath..].to_owned();
                method = "GET".to_owned();
                body = String::new();
                continue;
            }
            self.body = String::from_utf8_lossy(&raw.body).into_owned();
            self.arrive();
            return Ok(());
        }
        panic!("jumps without end, at last to {address}");
    }

    /// Reads what came.
    fn arrive(&mut self) {
        let kind = self.headers.get("content-type").cloned().unwrap_or_default();
        if self.part && kind == "application/json" {
            let told: serde_json::Value = serde_json::from_str(&self.body).unwrap();
            if let Some(away) = told["away"].as_str() {
                self.away = Some(away.to_owned());
                return;
            }
            told["html"].as_str().unwrap().clone_into(&mut self.body);
            told["path"].as_str().unwrap().clone_into(&mut self.address);
        } else if !kind.starts_with("text/html") {
            self.page = Element::default();
            return;
        }
        self.page = read(&self.body).unwrap_or_else(|error| panic!("{}: {error}\n{}", self.address, self.body));
    }

    fn host(&self) -> String {
        format!("127.0.0.1:{}", self.origin.port().unwrap())
    }
}

/// Sends raw bytes and reads the whole answer.
pub(crate) async fn send(host: &str, request: &[u8]) -> Result<Raw, Died> {
    let mut stream = TcpStream::connect(host).await.unwrap();
    stream.write_all(request).await.unwrap();
    let mut all = Vec::new();
    let ended = stream.read_to_end(&mut all).await;
    let died = Died { received: all.len() };
    if ended.is_err() {
        return Err(died);
    }
    let split = all.windows(4).position(|four| four == b"\r\n\r\n").ok_or(died.clone())?;
    let head = String::from_utf8_lossy(&all[..split]).into_owned();
    let mut lines = head.split("\r\n");
    let status = lines.next().unwrap().split(' ').nth(1).unwrap().parse().unwrap();
    let headers: Vec<(String, String)> = lines
        .map(|line| line.split_once(':').unwrap())
        .map(|(name, value)| (name.to_lowercase(), value.trim().to_owned()))
        .collect();
    let header = |name: &str| headers.iter().find(|(known, _)| known == name).map(|(_, value)| value.clone());
    let rest = &all[split + 4..];
    let body = if header("transfer-encoding").as_deref() == Some("chunked") {
        unchunked(rest).ok_or(died)?
    } else {
        let length = header("content-length").map_or(rest.len(), |length| length.parse().unwrap());
        if rest.len() < length {
            return Err(died);
        }
        rest[..length].to_vec()
    };
    Ok(Raw { status, headers, body })
}

/// The body without its chunks; `None` when the last one is missing.
fn unchunked(mut rest: &[u8]) -> Option<Vec<u8>> {
    let mut body = Vec::new();
    loop {
        let end = rest.windows(2).position(|two| two == b"\r\n")?;
        let length = usize::from_str_radix(std::str::from_utf8(&rest[..end]).ok()?, 16).ok()?;
        if length == 0 {
            return Some(body);
        }
        body.extend_from_slice(rest.get(end + 2..end + 2 + length)?);
        rest = rest.get(end + 4 + length..)?;
    }
}
