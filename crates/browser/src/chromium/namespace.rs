//! A network with nothing in it but our gates (network_namespaces(7)).
//!
//! A socket keeps the namespace that it was made in, and a process is born into that of the thread that starts it. So a
//! thread of ours goes there for a moment to open a gate's listener, or to start Chromium; whoever accepts stays outside, and
//! connects from there.

use std::{
    fs::File,
    io::{self, Read as _},
    time::Duration,
};

use nix::sched::{CloneFlags, setns, unshare};
use socket2::{Domain, Protocol, Socket, Type};

/// A network namespace of its own, as long as this or a process in it lives.
#[derive(Debug)]
pub(crate) struct NetworkNamespace {
    file: File,
}

impl NetworkNamespace {
    /// Makes one with nothing in it.
    ///
    /// # Errors
    /// The system's; most often that only root may do so.
    pub(crate) fn empty() -> io::Result<Self> {
        Self::make(|| Ok(()))
    }

    /// Makes one with a loopback, and a pair of links that lead to each other and nowhere else: to Chromium a machine without a
    /// link is offline, and pages would say so. Waits a moment until the system is done with them.
    ///
    /// # Errors
    /// As before.
    pub(crate) fn with_links() -> io::Result<Self> {
        Self::make(|| {
            let links = Links::open()?;
            links.ask(&link_up(LOOPBACK))?;
            links.ask(&new_pair(PAIR))?;
            for end in PAIR {
                links.without_addresses(end)?;
            }
            // Each only once it has its other end.
            for end in PAIR {
                links.ask(&link_up(end))?;
            }
            // A machine whose links have no address is offline to Chromium, too.
            links.ask(&new_address(PAIR[0], ADDRESS))?;
            // What changes later ends what Chromium loads just then (`ERR_NETWORK_CHANGED`).
            [LOOPBACK, PAIR[0], PAIR[1]].into_iter().try_for_each(|number| links.until_it_runs(number))
        })
    }

    fn make(furnish: impl FnOnce() -> io::Result<()> + Send) -> io::Result<Self> {
        // The thread ends with it, and nothing else of this process has ever been there.
        elsewhere(|| {
            unshare(CloneFlags::CLONE_NEWNET)?;
            furnish()?;
            Ok(Self { file: File::open("/proc/thread-self/ns/net")? })
        })
    }

    /// Does something in it.
    pub(crate) fn within<T: Send>(&self, work: impl FnOnce() -> io::Result<T> + Send) -> io::Result<T> {
        elsewhere(|| {
            setns(&self.file, CloneFlags::CLONE_NEWNET)?;
            work()
        })
    }
}

/// On a thread of its own, which is then no more.
fn elsewhere<T: Send>(work: impl FnOnce() -> io::Result<T> + Send) -> io::Result<T> {
    // What tasks and children need of the runtime is needed there, too.
    let runtime = tokio::runtime::Handle::try_current().ok();
    std::thread::scope(|scope| {
        let thread = std::thread::Builder::new().name("namespace".to_owned()).spawn_scoped(scope, move || {
            let _entered = runtime.as_ref().map(tokio::runtime::Handle::enter);
            work()
        })?;
        thread.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))
    })
}

// Numbers of netlink(7), rtnetlink(7) and netdevice(7).
const AF_NETLINK: i32 = 16;
const NETLINK_ROUTE: i32 = 0;
const RTM_NEWLINK: u16 = 16;
const RTM_GETLINK: u16 = 18;
const NLM_F_REQUEST: u16 = 1;
const NLM_F_ACK: u16 = 4;
const NLM_F_EXCL: u16 = 0x200;
const NLM_F_CREATE: u16 = 0x400;
const NLMSG_ERROR: u16 = 2;
const IFLA_LINKINFO: u16 = 18;
const IFLA_AF_SPEC: u16 = 26;
const AF_INET6: u16 = 10;
const IFLA_INET6_ADDR_GEN_MODE: u16 = 8;
const IN6_ADDR_GEN_MODE_NONE: u8 = 1;
const IFLA_INFO_KIND: u16 = 1;
const IFLA_INFO_DATA: u16 = 2;
const VETH_INFO_PEER: u16 = 1;
const IFF_UP: u32 = 1;
const IFF_RUNNING: u32 = 0x40;

const RTM_NEWADDR: u16 = 20;
const AF_INET: u8 = 2;
const IFA_ADDRESS: u16 = 1;
const IFA_LOCAL: u16 = 2;
const RT_SCOPE_LINK: u8 = 253;

/// An address of a link's own (RFC 3927), with a network of nobody but itself: nothing is reached by it.
const ADDRESS: [u8; 4] = [169, 254, 1, 1];

/// The first link of every network namespace.
const LOOPBACK: i32 = 1;
/// Beyond what the system may have put there of itself, such as the ends of tunnels.
const PAIR: [i32; 2] = [1_001, 1_002];

/// The system's end for links.
struct Links {
    socket: Socket,
}

impl Links {
    fn open() -> io::Result<Self> {
        let socket = Socket::new(Domain::from(AF_NETLINK), Type::RAW, Some(Protocol::from(NETLINK_ROUTE)))?;
        Ok(Self { socket })
    }

    /// Sends one message and waits for its receipt.
    fn ask(&self, message: &[u8]) -> io::Result<()> {
        receipt(&self.answer(message)?)
    }

    fn answer(&self, message: &[u8]) -> io::Result<Vec<u8>> {
        self.socket.send(message)?;
        let mut answer = vec![0; 8192];
        let length = (&self.socket).read(&mut answer)?;
        answer.truncate(length);
        Ok(answer)
    }

    /// The system would give each link an address of its own making, a second or two after it came up.
    fn without_addresses(&self, number: i32) -> io::Result<()> {
        match self.ask(&no_addresses(number)) {
            // Without IPv6 there is none to give.
            Err(error) if error.raw_os_error() == Some(nix::errno::Errno::EAFNOSUPPORT as i32) => Ok(()),
            other => other,
        }
    }

    /// Waits until the system takes the link for one that carries something, which it does a moment after it came up.
    fn until_it_runs(&self, number: i32) -> io::Result<()> {
        const EACH: Duration = Duration::from_millis(5);
        const MAX: u32 = 600;
        for _ in 0..MAX {
            if flags(&self.answer(&which_link(number))?).is_some_and(|flags| flags & IFF_RUNNING != 0) {
                return Ok(());
            }
            std::thread::sleep(EACH);
        }
        Err(io::ErrorKind::TimedOut.into())
    }
}

/// Reads a receipt: its head, then the negative number of an error, or 0.
fn receipt(answer: &[u8]) -> io::Result<()> {
    let kind = answer.get(4..6).and_then(|bytes| bytes.try_into().ok()).map(u16::from_ne_bytes);
    let number = answer.get(16..20).and_then(|bytes| bytes.try_into().ok()).map(i32::from_ne_bytes);
    match (kind, number) {
        (Some(NLMSG_ERROR), Some(0)) => Ok(()),
        (Some(NLMSG_ERROR), Some(error)) => Err(io::Error::from_raw_os_error(-error)),
        _ => Err(io::ErrorKind::InvalidData.into()),
    }
}

/// Reads the flags out of what is told of a link: a head, then `ifinfomsg`.
fn flags(answer: &[u8]) -> Option<u32> {
    let kind = answer.get(4..6).and_then(|bytes| bytes.try_into().ok()).map(u16::from_ne_bytes)?;
    let flags = answer.get(24..28).and_then(|bytes| bytes.try_into().ok()).map(u32::from_ne_bytes)?;
    (kind == RTM_NEWLINK).then_some(flags)
}

/// `ifinfomsg`: the link with that number, and which of its flags are to be set.
fn link(number: i32, flags: u32) -> Vec<u8> {
    let mut bytes = vec![0; 4];
    bytes.extend(number.to_ne_bytes());
    bytes.extend(flags.to_ne_bytes());
    bytes.extend(flags.to_ne_bytes());
    bytes
}

/// `rtattr`: length, kind, content, and room to the next multiple of four.
fn attribute(kind: u16, content: &[u8]) -> Vec<u8> {
    let length = u16::try_from(content.len() + 4).unwrap_or(u16::MAX);
    let mut bytes = length.to_ne_bytes().to_vec();
    bytes.extend(kind.to_ne_bytes());
    bytes.extend(content);
    bytes.resize(bytes.len().next_multiple_of(4), 0);
    bytes
}

/// `nlmsghdr` before its content.
fn message(kind: u16, flags: u16, content: &[u8]) -> Vec<u8> {
    const HEAD: usize = 16;
    let length = u32::try_from(HEAD + content.len()).unwrap_or(u32::MAX);
    let mut bytes = length.to_ne_bytes().to_vec();
    bytes.extend(kind.to_ne_bytes());
    bytes.extend((NLM_F_REQUEST | flags).to_ne_bytes());
    bytes.resize(HEAD, 0);
    bytes.extend(content);
    bytes
}

fn link_up(number: i32) -> Vec<u8> {
    message(RTM_NEWLINK, NLM_F_ACK, &link(number, IFF_UP))
}

fn which_link(number: i32) -> Vec<u8> {
    message(RTM_GETLINK, 0, &link(number, 0))
}

/// `ifaddrmsg`, with the address as that of both ends.
fn new_address(number: i32, address: [u8; 4]) -> Vec<u8> {
    const WHOLE: u8 = 32;
    let mut content = vec![AF_INET, WHOLE, 0, RT_SCOPE_LINK];
    content.extend(number.to_ne_bytes());
    content.extend(attribute(IFA_LOCAL, &address));
    content.extend(attribute(IFA_ADDRESS, &address));
    message(RTM_NEWADDR, NLM_F_ACK | NLM_F_CREATE | NLM_F_EXCL, &content)
}

fn no_addresses(number: i32) -> Vec<u8> {
    let mode = attribute(IFLA_INET6_ADDR_GEN_MODE, &[IN6_ADDR_GEN_MODE_NONE]);
    let mut content = link(number, 0);
    content.extend(attribute(IFLA_AF_SPEC, &attribute(AF_INET6, &mode)));
    message(RTM_NEWLINK, NLM_F_ACK, &content)
}

/// Two new links that are each other's end.
fn new_pair([one, other]: [i32; 2]) -> Vec<u8> {
    let peer = attribute(VETH_INFO_PEER, &link(other, 0));
    let mut info = attribute(IFLA_INFO_KIND, b"veth");
    info.extend(attribute(IFLA_INFO_DATA, &peer));
    let mut content = link(one, 0);
    content.extend(attribute(IFLA_LINKINFO, &info));
    message(RTM_NEWLINK, NLM_F_ACK | NLM_F_CREATE | NLM_F_EXCL, &content)
}

#[cfg(test)]
mod tests {
    use std::net::{TcpListener, TcpStream, UdpSocket};

    use super::*;

    #[test]
    fn receipts_are_read() {
        let answer = |kind: u16, number: i32| {
            let mut bytes = vec![0; 4];
            bytes.extend(kind.to_ne_bytes());
            bytes.resize(16, 0);
            bytes.extend(number.to_ne_bytes());
            bytes
        };
        receipt(&answer(NLMSG_ERROR, 0)).unwrap();
        assert_eq!(receipt(&answer(NLMSG_ERROR, -1)).unwrap_err().kind(), io::ErrorKind::PermissionDenied);
        assert_eq!(receipt(&answer(3, 0)).unwrap_err().kind(), io::ErrorKind::InvalidData);
        assert_eq!(receipt(&[0; 7]).unwrap_err().kind(), io::ErrorKind::InvalidData);
    }

    #[test]
    fn flags_are_read_of_a_link_alone() {
        let answer = |kind: u16| {
            let mut bytes = vec![0; 4];
            bytes.extend(kind.to_ne_bytes());
            bytes.resize(24, 0);
            bytes.extend((IFF_UP | IFF_RUNNING).to_ne_bytes());
            bytes
        };
        assert_eq!(flags(&answer(RTM_NEWLINK)), Some(0x41));
        assert_eq!(flags(&answer(NLMSG_ERROR)), None);
        assert_eq!(flags(&answer(RTM_NEWLINK)[..26]), None);
    }

    #[test]
    fn nothing_changes_in_it_once_it_is_made() {
        let Ok(namespace) = NetworkNamespace::with_links() else { return };
        let look = || {
            namespace.within(|| {
                let links = Links::open()?;
                let flags = PAIR.map(|number| links.answer(&which_link(number)).map(|told| flags(&told)));
                Ok((
                    flags.map(Result::unwrap),
                    std::fs::read_to_string("/proc/thread-self/net/if_inet6").unwrap_or_default(),
                ))
            })
        };
        let (flags, addresses) = look().unwrap();
        assert!(flags.iter().all(|flags| flags.is_some_and(|flags| flags & IFF_RUNNING != 0)), "{flags:?}");
        // The loopback's alone: an address that a link gave itself would come a second or two later.
        assert!(addresses.lines().all(|line| line.trim_end().ends_with(" lo")), "{addresses}");
    }

    #[test]
    fn messages_have_their_lengths() {
        assert_eq!(link_up(LOOPBACK).len(), 32);
        assert_eq!(attribute(7, b"veth\0"), [&9u16.to_ne_bytes()[..], &7u16.to_ne_bytes(), b"veth\0\0\0\0"].concat());
        assert_eq!(new_pair(PAIR).len() % 4, 0);
    }

    #[test]
    fn in_it_is_a_loopback_of_its_own_and_nothing_else_and_this_process_stays_where_it_is() {
        let namespace = match NetworkNamespace::with_links() {
            Ok(namespace) => namespace,
            Err(error) => {
                let root = rustix::process::geteuid().is_root();
                assert!(!root || error.kind() == io::ErrorKind::PermissionDenied, "{error}");
                return;
            }
        };
        let outside = TcpListener::bind("127.0.0.1:0").unwrap();
        let (there, port) = (outside.local_addr().unwrap(), outside.local_addr().unwrap().port());
        let inside = namespace.within(|| TcpListener::bind(("127.0.0.1", port))).unwrap();
        let refused = namespace.within(|| UdpSocket::bind("0.0.0.0:0")?.send_to(b"x", "192.0.2.1:9")).unwrap_err();
        assert_eq!(refused.kind(), io::ErrorKind::NetworkUnreachable);
        // One port, two listeners: each is reached from its own side.
        namespace.within(|| TcpStream::connect(there)).unwrap();
        inside.set_nonblocking(true).unwrap();
        outside.set_nonblocking(true).unwrap();
        inside.accept().unwrap();
        assert_eq!(outside.accept().unwrap_err().kind(), io::ErrorKind::WouldBlock);
        TcpStream::connect(there).unwrap();
        outside.accept().unwrap();
        assert_eq!(inside.accept().unwrap_err().kind(), io::ErrorKind::WouldBlock);
    }
}
