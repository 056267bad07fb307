//! A tiny web site, reachable as `127.0.0.1` and, as another site, as `localhost`.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex},
};

use tokio::{
    io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _, BufReader},
    net::{TcpListener, TcpStream},
};

/// Method, path, `Cookie` header and body of each request.
type Log = Arc<Mutex<Vec<(String, String, String, String)>>>;

/// Pages by path, and what was sent to it.
pub(crate) struct Site {
    pub(crate) port: u16,
    pages: Arc<Mutex<HashMap<String, String>>>,
    asked: Log,
}

impl Site {
    pub(crate) async fn open() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let pages: Arc<Mutex<HashMap<String, String>>> = Arc::default();
        let asked: Log = Arc::default();
        let (served, log) = (Arc::clone(&pages), Arc::clone(&asked));
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(answer(stream, port, Arc::clone(&served), Arc::clone(&log)));
            }
        });
        Self { port, pages, asked }
    }

    /// `@here` and `@there` in the text become this site and the same site under its other name.
    pub(crate) fn page(&self, path: &str, html: &str) -> &Self {
        let html = html.replace("@here", &self.here()).replace("@there", &self.there());
        self.pages.lock().unwrap().insert(path.to_owned(), html);
        self
    }

    pub(crate) fn here(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    pub(crate) fn there(&self) -> String {
        format!("http://localhost:{}", self.port)
    }

    pub(crate) fn asked(&self) -> Vec<(String, String, String, String)> {
        self.asked.lock().unwrap().clone()
    }
}

async fn answer(stream: TcpStream, port: u16, pages: Arc<Mutex<HashMap<String, String>>>, log: Log) -> Option<()> {
    let mut stream = BufReader::new(stream);
    loop {
        let mut line = String::new();
        if stream.read_line(&mut line).await.ok()? == 0 {
            return None;
        }
        let mut words = line.split_whitespace();
        let (method, target) = (words.next()?.to_owned(), words.next()?.to_owned());
        let path = target.split('?').next()?.to_owned();
        let (mut length, mut cookie, mut authorization) = (0, String::new(), String::new());
        loop {
            let mut header = String::new();
            stream.read_line(&mut header).await.ok()?;
            let Some((name, value)) = header.trim().split_once(':') else { break };
            match name.to_ascii_lowercase().as_str() {
                "content-length" => length = value.trim().parse().ok()?,
                "authorization" => authorization = value.trim().to_owned(),
                "cookie" => cookie = value.trim().to_owned(),
                _ => {}
            }
        }
        let mut body = vec![0; length];
        stream.read_exact(&mut body).await.ok()?;
        log.lock().unwrap().push((method, path.clone(), cookie, String::from_utf8_lossy(&body).into_owned()));
        if path == "/never" {
            std::future::pending::<()>().await;
        }
        if path == "/die" {
            return None;
        }
        let page = pages.lock().unwrap().get(&path).cloned();
        let (status, html) = page.map_or(("404 Not Found", String::from("nothing here")), |html| ("200 OK", html));
        // mara:hunter2
        let (status, html, asks) = if path.starts_with("/basic") && authorization != "Basic bWFyYTpodW50ZXIy" {
            ("401 Unauthorized", String::from("<p>who are you"), "WWW-Authenticate: Basic realm=\"Acorn\"\r\n")
        } else {
            (status, html, "")
        };
        let disposition = if path == "/file" { "Content-Disposition: attachment; filename=a.bin\r\n" } else { "" };
        let kind = if path.ends_with(".js") { "text/javascript" } else { "text/html" };
        let answer = format!(
            "HTTP/1.1 {status}\r\nContent-Type: {kind}; charset=utf-8\r\nDate: Sun, 06 Nov 1994 08:49:37 GMT\r\n\
             {asks}{disposition}Set-Cookie: seen=yes-{port}; Max-Age=3600\r\nContent-Length: {}\r\n\r\n{html}",
            html.len()
        );
        stream.write_all(answer.as_bytes()).await.ok()?;
    }
}
