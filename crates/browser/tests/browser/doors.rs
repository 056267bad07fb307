//! Whatever a page tries, it gets no further than the gate lets it.

use std::sync::atomic::{AtomicUsize, Ordering};

use countersign_browser::NetworkIsolation;
use tokio::net::{TcpListener, UdpSocket};

use super::*;

/// Something private on this machine, that counts whatever comes to it.
struct Trap {
    port: u16,
    datagrams: Arc<AtomicUsize>,
    connections: Arc<AtomicUsize>,
}

impl Trap {
    async fn set() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let socket = UdpSocket::bind(("127.0.0.1", port)).await.unwrap();
        let (datagrams, connections): (Arc<AtomicUsize>, Arc<AtomicUsize>) = <_>::default();
        let (heard, came) = (Arc::clone(&datagrams), Arc::clone(&connections));
        tokio::spawn(async move {
            let mut bytes = [0; 2000];
            while socket.recv_from(&mut bytes).await.is_ok() {
                heard.fetch_add(1, Ordering::SeqCst);
            }
        });
        tokio::spawn(async move {
            while listener.accept().await.is_ok() {
                came.fetch_add(1, Ordering::SeqCst);
            }
        });
        Self { port, datagrams, connections }
    }

    fn caught(&self) -> (usize, usize) {
        (self.datagrams.load(Ordering::SeqCst), self.connections.load(Ordering::SeqCst))
    }
}

/// Tries every way out there is to `TRAP`, and says so in its title when each has come to its end.
const TRIES: &str = r#"<!doctype html><title>trying</title>
<link rel=prefetch href="http://127.0.0.1:TRAP/prefetch"><link rel=preconnect href="http://127.0.0.1:TRAP">
<link rel=dns-prefetch href="http://trap.localhost:TRAP"><img src="http://[::ffff:127.0.0.1]:TRAP/mapped">
<img src="http://localhost:TRAP/name"><img src="http://2130706433:TRAP/number"><iframe src="http://127.0.0.1:TRAP/frame"></iframe>
<script type=speculationrules>{"prerender":[{"source":"list","urls":["http://127.0.0.1:TRAP/prerender"]}],"prefetch":[{"source":"list","urls":["http://127.0.0.1:TRAP/speculated"]}]}</script>
<script>
const ended = (work) => work.then(() => 1, () => 1);
const within = (milliseconds) => new Promise((done) => setTimeout(done, milliseconds));
async function gather(servers) {
  const one = new RTCPeerConnection({ iceServers: servers });
  one.createDataChannel('x');
  await one.setLocalDescription(await one.createOffer());
  await Promise.race([new Promise((done) => { one.onicegatheringstatechange = () => one.iceGatheringState === 'complete' && done(); if (one.iceGatheringState === 'complete') done(); }), within(3000)]);
}
async function candidate() {
  const one = new RTCPeerConnection(), two = new RTCPeerConnection();
  one.createDataChannel('x');
  await one.setLocalDescription(await one.createOffer());
  await two.setRemoteDescription(one.localDescription);
  await two.setLocalDescription(await two.createAnswer());
  await one.setRemoteDescription(two.localDescription);
  await one.addIceCandidate({ candidate: 'candidate:1 1 udp 2122260223 127.0.0.1 TRAP typ host', sdpMid: '0', sdpMLineIndex: 0 });
  await one.addIceCandidate({ candidate: 'candidate:2 1 tcp 1518280447 127.0.0.1 TRAP typ host tcptype passive', sdpMid: '0', sdpMLineIndex: 0 });
  await within(2000);
}
const socket = () => new Promise((done) => { const one = new WebSocket('ws://127.0.0.1:TRAP/socket'); one.onerror = one.onopen = one.onclose = done; });
navigator.sendBeacon('http://127.0.0.1:TRAP/beacon', 'x');
Promise.all([
  gather([{ urls: 'stun:127.0.0.1:TRAP' }]),
  gather([{ urls: ['turn:127.0.0.1:TRAP?transport=udp', 'turn:127.0.0.1:TRAP?transport=tcp', 'turns:127.0.0.1:TRAP?transport=tcp'], username: 'a', credential: 'b' }]),
  candidate(), socket(), fetch('http://127.0.0.1:TRAP/fetch', { mode: 'no-cors' }),
  new Promise((done) => { try { new WebTransport('https://127.0.0.1:TRAP/').closed.then(done, done); } catch { done(); } }).then(() => 1),
].map(ended)).then(() => { document.title = 'tried'; });
</script>"#;

/// Chromium with these flags, in the machine's network or in one of its own.
async fn in_network(flags: &[&str], machine_network: bool) -> Browser {
    let flags = flags.iter().map(|flag| (*flag).to_owned()).collect();
    Browser::launch(&LaunchOptions { flags, machine_network, ..LaunchOptions::default() }).await.unwrap()
}

/// What the trap caught when a page tried everything in that Chromium, under this policy.
async fn tried(browser: Browser, policy: impl Fn(u16, u16) -> bool + Send + Sync + 'static) -> (usize, usize) {
    let (site, trap) = (Site::open().await, Trap::set().await);
    site.page("/", &TRIES.replace("TRAP", &trap.port.to_string()));
    let port = site.port;
    let policy = move |_: &str, _: IpAddr, asked: u16| {
        if policy(asked, port) { Ok(()) } else { Err("it is private".to_owned()) }
    };
    let context = browser.context(ContextOptions { policy: Arc::new(policy), ..options(&browser) }).await.unwrap();
    let page = opened(&context, &site.here()).await;
    until(&page, |snapshot| snapshot.frames[0].title == "tried").await;
    trap.caught()
}

#[tokio::test(flavor = "multi_thread")]
async fn promise_8_nothing_reaches_what_the_gate_refuses() {
    for machine_network in [true, false] {
        let browser = in_network(&[], machine_network).await;
        assert_eq!(tried(browser, |asked, site| asked == site).await, (0, 0), "{machine_network}");
    }
}

/// Where its own switches are off, the namespace stands alone; where there is none, that is said.
#[tokio::test(flavor = "multi_thread")]
async fn promise_8_in_a_namespace_nothing_goes_past_the_gate_whatever_chromium_does() {
    let browser = in_network(&["--webrtc-ip-handling-policy=default"], false).await;
    if let NetworkIsolation::Machine { why } = &browser.isolation().network {
        let root = browser.isolation().user.is_some();
        assert!(!root || why.contains("not permitted"), "{why}");
        return;
    }
    let inside = std::fs::read_link(format!("/proc/{}/ns/net", browser.process_id().unwrap())).unwrap();
    assert_ne!(inside, std::fs::read_link("/proc/self/ns/net").unwrap());
    // All that came went through the gate, which lets everything by here and carries no datagrams.
    let (datagrams, connections) = tried(browser, |_, _| true).await;
    assert_eq!(datagrams, 0);
    assert!(connections > 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_in_a_namespace_believes_itself_online() {
    let site = Site::open().await;
    site.page("/", "<p id=said></p><script>said.textContent = navigator.onLine</script>");
    let browser = browser().await;
    let context = context(&browser).await;
    let page = opened(&context, &site.here()).await;
    assert_eq!(texts(&seen(&page).await), ["true"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_trap_would_notice() {
    let browser = in_network(&["--webrtc-ip-handling-policy=default"], true).await;
    let (datagrams, connections) = tried(browser, |_, _| true).await;
    assert!(datagrams > 0 && connections > 0, "{datagrams} {connections}");
}

/// A server with a certificate that nobody has signed but itself.
struct SelfSigned {
    port: u16,
    process: tokio::process::Child,
}

impl SelfSigned {
    async fn start() -> Self {
        let port = TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap().port();
        let file = |name: &str| format!("{}/tests/browser/tls/{name}.pem", env!("CARGO_MANIFEST_DIR"));
        let process = tokio::process::Command::new("openssl")
            .args(["s_server", "-quiet", "-www", "-accept", &format!("127.0.0.1:{port}")])
            .args(["-cert", &file("cert"), "-key", &file("key")])
            .stdin(std::process::Stdio::null())
            .stdout(std::process::Stdio::null())
            .stderr(std::process::Stdio::null())
            .kill_on_drop(true)
            .spawn()
            .expect("openssl is needed for this test (Debian: apt install openssl)");
        let answers = async {
            while tokio::net::TcpStream::connect(("127.0.0.1", port)).await.is_err() {
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        };
        tokio::time::timeout(LONG, answers).await.expect("openssl does not listen");
        Self { port, process }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_certificate_that_is_not_trusted_is_told_as_one_and_shown() {
    let mut server = SelfSigned::start().await;
    let origin = format!("https://127.0.0.1:{}", server.port);
    let browser = browser().await;
    let context = context(&browser).await;
    let page = context.open_page().await.unwrap();
    let outcome = page.open(&origin, LONG).await;
    assert!(
        matches!(&outcome, Err(countersign_browser::Error::NotOpened { why, .. }) if why.contains("ERR_CERT_AUTHORITY_INVALID")),
        "{outcome:?}"
    );
    let snapshot = seen(&page).await;
    assert!(snapshot.frames[0].unreachable);
    assert_eq!(snapshot.frames[0].load_error, "ERR_CERT_AUTHORITY_INVALID");
    let pem = include_str!("tls/cert.pem");
    let body: String = pem.lines().filter(|line| !line.starts_with("-----")).collect();
    let shown = page.certificate().await.unwrap().expect("it was shown");
    assert_eq!(base64::Engine::encode(&base64::engine::general_purpose::STANDARD, shown), body);
    server.process.kill().await.unwrap();
    page.open(&origin, LONG).await.unwrap_err();
    assert_eq!(seen(&page).await.frames[0].load_error, "ERR_SOCKS_CONNECTION_FAILED");
}

#[tokio::test(flavor = "multi_thread")]
async fn each_frame_that_stays_empty_is_told_with_its_reason() {
    let (site, beside) = (Site::open().await, Site::open().await);
    let mut tls = SelfSigned::start().await;
    let refused = format!("{}/frame", beside.here());
    let untrusted = format!("https://127.0.0.1:{}/", tls.port);
    let silent = format!("{}/die", site.there());
    site.page("/in", "<input name=inner>");
    let frame = |address: &str| format!("<iframe width=300 height=120 src='{address}'></iframe>");
    let frames: String = ["@here/in", &refused, &untrusted, &silent].map(frame).concat();
    site.page("/", &format!("<p>sign in{frames}<iframe hidden src='{refused}?hidden'></iframe>"));
    let browser = browser().await;
    let closed = beside.port;
    let policy = move |_: &str, _: IpAddr, port: u16| {
        if port == closed { Err("nobody has named that port".to_owned()) } else { Ok(()) }
    };
    let context = browser.context(ContextOptions { policy: Arc::new(policy), ..options(&browser) }).await.unwrap();
    let page = opened(&context, &site.here()).await;
    let empty = |snapshot: &PageSnapshot| snapshot.frames.iter().filter(|frame| frame.unreachable).count();
    let snapshot = until(&page, |snapshot| empty(snapshot) == 4).await;
    assert!(!snapshot.frames[0].unreachable);
    assert!(field(&snapshot, "inner").1.hidden.is_none(), "what stands beside them is looked into");
    let why = |address: &str| {
        let frame = snapshot.frames.iter().find(|frame| frame.address == address).unwrap();
        assert_eq!((frame.origin.as_str(), frame.parent), ("null", Some(0)), "{address}");
        (frame.load_error.as_str(), frame.hidden, frame.place.w, frame.place.h)
    };
    assert_eq!(why(&refused), ("ADDRESS_REFUSED", false, 300, 120));
    assert_eq!(why(&untrusted), ("ERR_CERT_AUTHORITY_INVALID", false, 300, 120));
    assert_eq!(why(&silent), ("ERR_EMPTY_RESPONSE", false, 300, 120));
    let (error, hidden, ..) = why(&format!("{refused}?hidden"));
    assert_eq!((error, hidden), ("ADDRESS_REFUSED", true));
    tls.process.kill().await.unwrap();
}
