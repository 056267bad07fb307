//! A mail server and a webhook's receiver that keep what they are sent, on loopback.

use std::sync::{
    Arc, Mutex,
    atomic::{AtomicU16, Ordering},
};

use tokio::{
    io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _, BufReader},
    net::{TcpListener, TcpStream},
};

/// A mail as it came in.
#[derive(Debug, Clone)]
pub(crate) struct Mail {
    pub(crate) to: String,
    pub(crate) text: String,
}

impl Mail {
    /// What a reader sees below the headers.
    pub(crate) fn body(&self) -> String {
        let (_, body) = self.text.split_once("\r\n\r\n").expect("headers and a body");
        let bytes = data_encoding::BASE64.decode(body.replace("\r\n", "").as_bytes()).expect("base64");
        String::from_utf8(bytes).expect("text")
    }
}

/// A mail server without TLS (RFC 5321).
pub(crate) struct Mails {
    pub(crate) port: u16,
    caught: Arc<Mutex<Vec<Mail>>>,
    refusal: Arc<Mutex<Option<String>>>,
}

impl Mails {
    pub(crate) async fn listen() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let (caught, refusal) = (Arc::default(), Arc::default());
        let (mails, answer) = (Arc::clone(&caught), Arc::clone(&refusal));
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(take_mail(stream, Arc::clone(&mails), Arc::clone(&answer)));
            }
        });
        Self { port, caught, refusal }
    }

    pub(crate) fn caught(&self) -> Vec<Mail> {
        self.caught.lock().unwrap().clone()
    }

    pub(crate) fn refuse_sign_in(&self, answer: &str) {
        *self.refusal.lock().unwrap() = Some(answer.to_owned());
    }
}

async fn take_mail(stream: TcpStream, caught: Arc<Mutex<Vec<Mail>>>, refusal: Arc<Mutex<Option<String>>>) {
    let (read, mut write) = stream.into_split();
    let mut lines = BufReader::new(read).lines();
    let mut to = String::new();
    write.write_all(b"220 catcher\r\n").await.unwrap();
    while let Ok(Some(line)) = lines.next_line().await {
        let command = line.get(..4).unwrap_or(&line).to_ascii_uppercase();
        let answer = match command.as_str() {
            "EHLO" => "250-catcher\r\n250-8BITMIME\r\n250 AUTH PLAIN LOGIN".to_owned(),
            "AUTH" => refusal.lock().unwrap().clone().unwrap_or_else(|| "235 welcome".to_owned()),
            "RCPT" => {
                to = line.split(['<', '>']).nth(1).unwrap_or_default().to_owned();
                "250 ok".to_owned()
            }
            "DATA" => {
                write.write_all(b"354 go on\r\n").await.unwrap();
                let mut text = String::new();
                while let Ok(Some(line)) = lines.next_line().await {
                    if line == "." {
                        break;
                    }
                    text.push_str(&line);
                    text.push_str("\r\n");
                }
                caught.lock().unwrap().push(Mail { to: to.clone(), text });
                "250 taken".to_owned()
            }
            "QUIT" => "221 bye".to_owned(),
            _ => "250 ok".to_owned(),
        };
        if write.write_all(format!("{answer}\r\n").as_bytes()).await.is_err() || command == "QUIT" {
            return;
        }
    }
}

/// A request as it came in.
#[derive(Debug, Clone)]
pub(crate) struct Request {
    pub(crate) head: String,
    pub(crate) body: String,
}

impl Request {
    pub(crate) fn header(&self, name: &str) -> &str {
        let found =
            self.head.lines().filter_map(|line| line.split_once(": ")).find(|(it, _)| it.eq_ignore_ascii_case(name));
        found.unwrap_or_else(|| panic!("no {name} in {}", self.head)).1
    }
}

/// A webhook's receiver.
pub(crate) struct Requests {
    pub(crate) port: u16,
    caught: Arc<Mutex<Vec<Request>>>,
    status: Arc<AtomicU16>,
}

impl Requests {
    pub(crate) async fn listen(status: u16) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let (caught, status) = (Arc::default(), Arc::new(AtomicU16::new(status)));
        let (requests, answer) = (Arc::clone(&caught), Arc::clone(&status));
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(take_request(stream, Arc::clone(&requests), answer.load(Ordering::Relaxed)));
            }
        });
        Self { port, caught, status }
    }

    pub(crate) fn caught(&self) -> Vec<Request> {
        self.caught.lock().unwrap().clone()
    }

    pub(crate) fn answer(&self, status: u16) {
        self.status.store(status, Ordering::Relaxed);
    }
}

async fn take_request(stream: TcpStream, caught: Arc<Mutex<Vec<Request>>>, status: u16) {
    let (read, mut write) = stream.into_split();
    let mut reader = BufReader::new(read);
    let mut head = String::new();
    while !head.ends_with("\r\n\r\n") {
        if reader.read_line(&mut head).await.unwrap_or(0) == 0 {
            return;
        }
    }
    let mut request = Request { head, body: String::new() };
    let mut body = vec![0; request.header("content-length").parse().unwrap()];
    reader.read_exact(&mut body).await.unwrap();
    request.body = String::from_utf8(body).unwrap();
    caught.lock().unwrap().push(request);
    let answer = format!("HTTP/1.1 {status} \r\ncontent-length: 0\r\nconnection: close\r\n\r\n");
    let _ = write.write_all(answer.as_bytes()).await;
}
