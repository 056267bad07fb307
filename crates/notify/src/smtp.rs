//! What of SMTP it takes to hand a message to a mail server (RFC 6409): one connection, one message.

use std::{
    net::{IpAddr, SocketAddr},
    sync::Arc,
    time::Duration,
};

use countersign_model::MailServer;
use data_encoding::BASE64;
use rustls::{ClientConfig, pki_types::ServerName};
use rustls_platform_verifier::ConfigVerifierExt as _;
use tokio::{
    io::{AsyncBufReadExt as _, AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _, BufReader},
    net::TcpStream,
};
use tokio_rustls::TlsConnector;

const CONNECT_WITHIN: Duration = Duration::from_secs(10);
/// Far above RFC 5321 §4.5.3.1.5, far below what could hurt.
const LONGEST_LINE: u64 = 4_096;
const MAX_LINES: usize = 100;

trait Wire: AsyncRead + AsyncWrite + Unpin + Send {}
impl<T: AsyncRead + AsyncWrite + Unpin + Send> Wire for T {}

/// A connection to a mail server.
pub(crate) struct Smtp {
    wire: BufReader<Box<dyn Wire>>,
    /// What the server offers, in capitals, a line each.
    offers: Vec<String>,
}

/// What a server says: the code, and its words without it.
#[derive(Debug)]
struct Reply {
    code: u16,
    lines: Vec<String>,
}

/// How a connection is kept from others' eyes.
#[derive(Debug, PartialEq, Eq)]
enum Cover {
    StartTls,
    /// It does not leave this machine.
    Needless,
}

impl Smtp {
    /// Connects, hears the greeting and says hello; with TLS from the first byte or by STARTTLS.
    pub(crate) async fn connect(address: SocketAddr, server: &MailServer) -> Result<Self, String> {
        let connecting = tokio::time::timeout(CONNECT_WITHIN, TcpStream::connect(address)).await;
        let stream = connecting.map_err(|_| "no connection within 10 seconds".to_owned())?;
        let stream: Box<dyn Wire> = Box::new(stream.map_err(|error| format!("no connection: {error}"))?);
        if server.implicit_tls {
            let mut smtp = Self::over(with_tls(stream, &server.host).await?);
            smtp.greeted().await?;
            return Ok(smtp);
        }
        let mut smtp = Self::over(stream);
        smtp.greeted().await?;
        if cover(smtp.offers("STARTTLS"), address.ip())? == Cover::Needless {
            return Ok(smtp);
        }
        smtp.say("STARTTLS").await?.of(220)?;
        // What came before TLS began may be anybody's (CVE-2011-0411).
        if !smtp.wire.buffer().is_empty() {
            return Err("the server said something between STARTTLS and TLS".to_owned());
        }
        let mut smtp = Self::over(with_tls(smtp.wire.into_inner(), &server.host).await?);
        smtp.hello().await?;
        Ok(smtp)
    }

    fn over(wire: Box<dyn Wire>) -> Self {
        Self { wire: BufReader::new(wire), offers: Vec::new() }
    }

    /// Signs in (RFC 4954) by PLAIN, else by LOGIN, which some servers have alone.
    pub(crate) async fn sign_in(&mut self, user: &str, password: &str) -> Result<(), String> {
        let ways = self.offers.iter().find_map(|line| line.strip_prefix("AUTH ")).unwrap_or_default().to_owned();
        let offers = |way: &str| ways.split_whitespace().any(|offered| offered == way);
        if offers("PLAIN") {
            let both = BASE64.encode(format!("\0{user}\0{password}").as_bytes());
            return self.say(&format!("AUTH PLAIN {both}")).await?.of(235);
        }
        if !offers("LOGIN") {
            return Err("the server takes no user name with password".to_owned());
        }
        self.say("AUTH LOGIN").await?.of(334)?;
        self.say(&BASE64.encode(user.as_bytes())).await?.of(334)?;
        self.say(&BASE64.encode(password.as_bytes())).await?.of(235)
    }

    /// Hands a message over; its lines end with CRLF.
    pub(crate) async fn deliver(&mut self, from: &str, to: &str, text: &str) -> Result<(), String> {
        self.say(&format!("MAIL FROM:<{from}>")).await?.of(250)?;
        let taken = self.say(&format!("RCPT TO:<{to}>")).await?;
        if taken.code != 251 {
            taken.of(250)?;
        }
        self.say("DATA").await?.of(354)?;
        self.say(&format!("{}\r\n.", stuffed(text))).await?.of(250)
    }

    /// Says goodbye. The message was taken; what the server answers changes nothing.
    pub(crate) async fn quit(&mut self) {
        let _ = self.say("QUIT").await;
    }

    async fn greeted(&mut self) -> Result<(), String> {
        self.reply().await?.of(220)?;
        self.hello().await
    }

    async fn hello(&mut self) -> Result<(), String> {
        // The address literal of RFC 5321 §4.1.3: whoever submits need not have a name.
        let reply = self.say("EHLO [127.0.0.1]").await?;
        self.offers = reply.lines.iter().skip(1).map(|line| line.to_ascii_uppercase()).collect();
        reply.of(250)
    }

    fn offers(&self, name: &str) -> bool {
        self.offers.iter().any(|line| line.split_whitespace().next() == Some(name))
    }

    async fn say(&mut self, command: &str) -> Result<Reply, String> {
        let lost = |error: std::io::Error| format!("the connection is lost: {error}");
        let wire = self.wire.get_mut();
        wire.write_all(format!("{command}\r\n").as_bytes()).await.map_err(lost)?;
        wire.flush().await.map_err(lost)?;
        self.reply().await
    }

    async fn reply(&mut self) -> Result<Reply, String> {
        let mut lines = Vec::new();
        while lines.len() < MAX_LINES {
            let mut line = Vec::new();
            let reading = (&mut self.wire).take(LONGEST_LINE).read_until(b'\n', &mut line).await;
            reading.map_err(|error| format!("the connection is lost: {error}"))?;
            if !line.ends_with(b"\n") {
                return Err("the server has closed the connection, or says too much in a line".to_owned());
            }
            let (code, more, text) = read_line(&String::from_utf8_lossy(&line))?;
            lines.push(text);
            if !more {
                return Ok(Reply { code, lines });
            }
        }
        Err("the server says too much".to_owned())
    }
}

impl Reply {
    /// That it is this code; else what the server said.
    fn of(self, code: u16) -> Result<(), String> {
        if self.code == code {
            return Ok(());
        }
        Err(format!("the server answered {} {}", self.code, self.lines.join(" ")))
    }
}

/// A line of a reply (RFC 5321 §4.2.1): its code, whether another line follows, its words.
fn read_line(line: &str) -> Result<(u16, bool, String), String> {
    let line = line.trim_end();
    let code = line.get(..3).and_then(|code| code.parse().ok()).filter(|code| (200..600).contains(code));
    let code = code.ok_or_else(|| "what answers is no mail server".to_owned())?;
    match line.as_bytes().get(3) {
        None => Ok((code, false, String::new())),
        Some(b' ') => Ok((code, false, line[4..].to_owned())),
        Some(b'-') => Ok((code, true, line[4..].to_owned())),
        Some(_) => Err("what answers is no mail server".to_owned()),
    }
}

/// Lines that begin with a dot get another (RFC 5321 §4.5.2), and the last line's end is left to the dot that follows.
fn stuffed(text: &str) -> String {
    let text = text.trim_end_matches("\r\n").replace("\r\n.", "\r\n..");
    if text.starts_with('.') { format!(".{text}") } else { text }
}

/// Nothing leaves this machine uncovered, whatever a server offers or somebody between has taken out of it.
fn cover(offered: bool, address: IpAddr) -> Result<Cover, String> {
    match (offered, address.is_loopback()) {
        (true, _) => Ok(Cover::StartTls),
        (false, true) => Ok(Cover::Needless),
        (false, false) => {
            Err("the server offers no STARTTLS, and nothing is sent to another machine without TLS".to_owned())
        }
    }
}

/// TLS by the machine's own store of certificates.
async fn with_tls(wire: Box<dyn Wire>, host: &str) -> Result<Box<dyn Wire>, String> {
    let config = ClientConfig::with_platform_verifier().map_err(|error| format!("TLS cannot begin: {error}"))?;
    let name =
        ServerName::try_from(host.to_owned()).map_err(|_| "its name is none that a certificate has".to_owned())?;
    let connected = TlsConnector::from(Arc::new(config)).connect(name, wire).await;
    Ok(Box::new(connected.map_err(|error| format!("TLS failed: {error}"))?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn replies_are_read_line_by_line() {
        assert_eq!(read_line("250-AUTH PLAIN\r\n").unwrap(), (250, true, "AUTH PLAIN".to_owned()));
        assert_eq!(read_line("250 ok\r\n").unwrap(), (250, false, "ok".to_owned()));
        assert_eq!(read_line("354\r\n").unwrap(), (354, false, String::new()));
        for line in ["HTTP/1.1 400", "", "25", "999 no", "250_ok", "éé"] {
            assert!(read_line(line).is_err(), "{line}");
        }
    }

    #[test]
    fn a_line_with_a_dot_ends_no_message() {
        assert_eq!(stuffed("a\r\n.\r\nb\r\n"), "a\r\n..\r\nb");
        assert_eq!(stuffed(".\r\n"), "..");
        assert_eq!(stuffed("a\r\n\r\n"), "a");
    }

    #[test]
    fn nothing_is_sent_to_another_machine_without_tls() {
        let (here, there) = ("127.0.0.1".parse().unwrap(), "93.184.215.14".parse().unwrap());
        assert_eq!(cover(true, here), Ok(Cover::StartTls));
        assert_eq!(cover(true, there), Ok(Cover::StartTls));
        assert_eq!(cover(false, here), Ok(Cover::Needless));
        assert!(cover(false, there).is_err());
    }
}
