use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::pin::pin;

use sqlx::postgres::PgConnectOptions;
use tokio::io::{AsyncRead, AsyncWrite, copy_bidirectional};
use tokio::net::{TcpListener, TcpStream, UnixStream};
use tokio::sync::watch;
use tokio::task::{AbortHandle, JoinHandle, JoinSet};

use super::TestDatabase;
use crate::engine::DatabaseUrl;

/// A way to a test's PostgreSQL database that can be cut, as when the server or the network goes down, and mended.
pub struct CuttableLink {
    address: SocketAddr,
    options: PgConnectOptions,
    serving: Option<JoinHandle<()>>,
    silent: watch::Sender<bool>,
}

impl CuttableLink {
    /// To the server of `database`, whole.
    ///
    /// # Panics
    /// When the database is not on PostgreSQL, or no port is free.
    pub async fn to(database: &TestDatabase) -> Self {
        let DatabaseUrl::Postgres(url) = database.url() else { panic!("only PostgreSQL is reached over a link") };
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.expect("a free port");
        let address = listener.local_addr().expect("an address");
        let mut link = Self { address, options: url.options.clone(), serving: None, silent: watch::Sender::new(false) };
        link.serve(listener);
        link
    }

    /// The database's address over this link.
    pub fn url(&self) -> DatabaseUrl {
        let user = self.options.get_username();
        let database = self.options.get_database().unwrap_or(user);
        DatabaseUrl::parse(&format!("postgres://{user}@{}/{database}?sslmode=disable", self.address))
            .expect("an address made of parsed parts")
    }

    /// Ends every connection and refuses new ones.
    pub async fn cut(&mut self) {
        if let Some(serving) = self.serving.take() {
            serving.abort();
            // Cancelled is what it should be; the connections end with it.
            let _ = serving.await;
        }
    }

    /// Lets connections through again, at the same address.
    ///
    /// # Panics
    /// When somebody has taken the port.
    pub async fn mend(&mut self) {
        self.cut().await;
        let listener = TcpListener::bind(self.address).await.expect("the same port again");
        self.serve(listener);
    }

    /// Carries nothing more and ends nothing, as when a server has been stopped or a network swallows what is sent; or
    /// carries again.
    pub fn set_silent(&self, silent: bool) {
        self.silent.send_replace(silent);
    }

    /// A handle that cuts without waiting, for use beside a running statement.
    ///
    /// # Panics
    /// When it is cut already.
    pub fn cutter(&self) -> AbortHandle {
        self.serving.as_ref().expect("a whole link").abort_handle()
    }

    fn serve(&mut self, listener: TcpListener) {
        let socket =
            self.options.get_socket().map(|folder| folder.join(format!(".s.PGSQL.{}", self.options.get_port())));
        let server = (self.options.get_host().to_owned(), self.options.get_port());
        let silent = self.silent.subscribe();
        self.serving = Some(tokio::spawn(async move {
            let mut connections = JoinSet::new();
            while let Ok((client, _)) = listener.accept().await {
                connections.spawn(carry(client, socket.clone(), server.clone(), silent.clone()));
            }
        }));
    }
}

async fn carry(client: TcpStream, socket: Option<PathBuf>, server: (String, u16), silent: watch::Receiver<bool>) {
    match socket {
        Some(path) => join(client, UnixStream::connect(path).await, silent).await,
        None => join(client, TcpStream::connect(server).await, silent).await,
    }
}

async fn join<S: AsyncRead + AsyncWrite + Unpin>(
    mut client: TcpStream,
    server: std::io::Result<S>,
    mut silent: watch::Receiver<bool>,
) {
    let Ok(mut server) = server else { return };
    let mut copying = pin!(copy_bidirectional(&mut client, &mut server));
    loop {
        tokio::select! {
            biased;
            true = async { silent.wait_for(|silent| *silent).await.is_ok() } => {
                if silent.wait_for(|silent| !*silent).await.is_err() {
                    return;
                }
            }
            // However it ends, both ends are closed now.
            _ = &mut copying => return,
        }
    }
}
