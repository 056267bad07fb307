//! Syslog's stream: a connection a batch, over TLS (RFC 5425) or plain TCP.
//!
//! Syslog has no word for "taken". What stands for it here is the end of the connection: all is written, this side says that nothing
//! more comes, and the receiver answers by its own end. Under TLS it has to (RFC 5425 §4.4), and says so in a way that nobody in between
//! can; it has then read all that was sent. Whether it has kept what it read, no receiver of syslog says. One that goes away before is
//! sent the batch again.

use std::{io, net::SocketAddr, time::Duration};

use countersign_outbound::{AllowPrivateReceivers, addresses, connect_tls};
use tokio::{
    io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _},
    net::TcpStream,
    time::timeout,
};

const CONNECT_WITHIN: Duration = Duration::from_secs(10);
const END_WITHIN: Duration = Duration::from_secs(5);
/// A receiver of syslog has nothing to say.
const MOST_HEARD: usize = 64 * 1_024;

/// How a connection ended after all was written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Ending {
    /// The receiver has said that it has read all.
    Answered,
    /// It was closed without that word, or not at all.
    Silent,
}

/// A receiver of syslog.
pub(crate) struct Stream<'a> {
    pub(crate) tls: bool,
    pub(crate) host: &'a str,
    pub(crate) port: u16,
    /// Whether plain TCP may leave this machine.
    pub(crate) plain: bool,
    pub(crate) authority: Option<&'a str>,
}

impl Stream<'_> {
    /// Connects, writes all of it, and waits for the receiver's end.
    ///
    /// # Errors
    /// Says what went wrong: then it is not known what of it was read.
    pub(crate) async fn send(&self, bytes: &[u8], allow_private: AllowPrivateReceivers) -> Result<Ending, String> {
        let mut trouble = String::new();
        for address in addresses(self.host, self.port, allow_private).await? {
            match self.connect(address).await {
                Ok(stream) if self.tls => {
                    let wire = timeout(CONNECT_WITHIN, connect_tls(stream, self.host, self.authority)).await;
                    let wire = wire.map_err(|_| "TLS did not begin within 10 seconds".to_owned())??;
                    return hand_over(wire, bytes).await;
                }
                Ok(stream) => return hand_over(stream, bytes).await,
                // Another address of the same receiver may answer.
                Err(error) => trouble = error,
            }
        }
        Err(trouble)
    }

    async fn connect(&self, address: SocketAddr) -> Result<TcpStream, String> {
        // A name that is this machine today may be another one tomorrow.
        if !self.tls && !self.plain && !address.ip().to_canonical().is_loopback() {
            return Err(format!("{} is another machine, to which nothing is sent without TLS", address.ip()));
        }
        let connecting = timeout(CONNECT_WITHIN, TcpStream::connect(address)).await;
        let stream = connecting.map_err(|_| "no connection within 10 seconds".to_owned())?;
        stream.map_err(|error| format!("no connection: {error}"))
    }
}

async fn hand_over(mut wire: impl AsyncRead + AsyncWrite + Unpin, bytes: &[u8]) -> Result<Ending, String> {
    let broken = |error: io::Error| format!("the connection broke: {error}");
    wire.write_all(bytes).await.map_err(broken)?;
    wire.flush().await.map_err(broken)?;
    wire.shutdown().await.map_err(broken)?;
    match timeout(END_WITHIN, read_to_end(&mut wire)).await {
        Ok(Ok(())) => Ok(Ending::Answered),
        Ok(Err(error)) if error.kind() == io::ErrorKind::UnexpectedEof => Ok(Ending::Silent),
        Ok(Err(error)) => Err(broken(error)),
        Err(_) => Ok(Ending::Silent),
    }
}

async fn read_to_end(wire: &mut (impl AsyncRead + Unpin)) -> io::Result<()> {
    let (mut heard, mut buffer) = (0, [0; 1_024]);
    loop {
        match wire.read(&mut buffer).await? {
            0 => return Ok(()),
            count => heard += count,
        }
        if heard > MOST_HEARD {
            return Err(io::Error::other("the receiver talks, which receivers of syslog do not: is this its port?"));
        }
    }
}
