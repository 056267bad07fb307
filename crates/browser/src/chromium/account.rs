//! The user that Chromium and ffmpeg run as. Where this process is root, that is one who can read nothing of the vault.

use std::{
    collections::BTreeSet,
    fs, io,
    ops::RangeInclusive,
    os::unix::{
        fs::{MetadataExt as _, PermissionsExt as _, chown},
        process::CommandExt as _,
    },
    path::Path,
    process::Command,
};

use parking_lot::Mutex;

/// Numbers that nobody is given: Debian keeps 65000–65533 free (Debian Policy §9.2.2), systemd 65520–65533 ("Users, Groups,
/// UIDs and GIDs on systemd Systems"). Containers often have none above 65535.
const UNUSED: RangeInclusive<u32> = 65_520..=65_533;

/// Those that programs of this process have now.
static GIVEN: Mutex<BTreeSet<u32>> = Mutex::new(BTreeSet::new());

/// The user that a program runs as.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum RunAs {
    /// Where this process is root, a number that nobody has, another for each program; else the user of this process.
    #[default]
    Automatic,
    /// This user and no other.
    User {
        /// As it was named.
        name: String,
        /// Its number, not 0.
        uid: u32,
        /// The number of its group, not 0.
        gid: u32,
    },
}

/// Programs cannot run as the user that was named.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum UserError {
    /// Only root can start programs as another user.
    #[error(
        "programs can be run as the user \"{0}\" only where the server runs as root: start it as root, or name no user"
    )]
    NotRoot(String),
    /// No line of the password file has it.
    #[error("there is no user \"{0}\" in /etc/passwd: make one (useradd --system {0}), or name no user")]
    Unknown(String),
    /// Root may read everything.
    #[error("the user \"{0}\" is root, or of root's group, and could read the vault: name another one")]
    Root(String),
}

impl RunAs {
    /// The user with that name on this machine.
    ///
    /// # Errors
    /// [`UserError`].
    pub fn named(name: &str) -> Result<Self, UserError> {
        if !rustix::process::geteuid().is_root() {
            return Err(UserError::NotRoot(name.to_owned()));
        }
        Self::find(name, &fs::read_to_string("/etc/passwd").unwrap_or_default())
    }

    fn find(name: &str, passwords: &str) -> Result<Self, UserError> {
        let found = passwords.lines().find_map(|line| {
            let mut parts = line.split(':');
            (parts.next() == Some(name)).then_some(())?;
            Some((parts.nth(1)?.parse().ok()?, parts.next()?.parse().ok()?))
        });
        match found {
            None => Err(UserError::Unknown(name.to_owned())),
            Some((0, _) | (_, 0)) => Err(UserError::Root(name.to_owned())),
            Some((uid, gid)) => Ok(Self::User { name: name.to_owned(), uid, gid }),
        }
    }
}

/// A user that one program runs as, kept for it as long as this lives.
#[derive(Debug)]
pub(crate) struct SystemUser {
    pub(crate) uid: u32,
    gid: u32,
    /// Whether it has to be given back.
    given: bool,
}

impl SystemUser {
    /// `None`: the program runs as the user of this process.
    pub(crate) fn for_program(run_as: &RunAs) -> Option<Self> {
        match run_as {
            RunAs::User { uid, gid, .. } => Some(Self { uid: *uid, gid: *gid, given: false }),
            RunAs::Automatic if rustix::process::geteuid().is_root() => Some(Self::unused()),
            RunAs::Automatic => None,
        }
    }

    /// The first number that no user, no group and no process has; where all are taken, the first of all, shared.
    fn unused() -> Self {
        let mut given = GIVEN.lock();
        let mut taken = given.clone();
        for file in ["/etc/passwd", "/etc/group"] {
            taken.extend(numbers_in(&fs::read_to_string(file).unwrap_or_default()));
        }
        taken.extend(users_of_processes());
        let uid = first_free(&taken).unwrap_or(*UNUSED.start());
        let given = given.insert(uid);
        Self { uid, gid: uid, given }
    }

    /// Makes `command` run as this user, in no further group: the standard library gives up root's groups with its user.
    pub(crate) fn apply(&self, command: &mut Command) {
        command.uid(self.uid).gid(self.gid);
    }

    /// Gives it a file or folder, which must lie where nobody else can put another in its place.
    pub(crate) fn give(&self, path: &Path) -> io::Result<()> {
        chown(path, Some(self.uid), Some(self.gid))
    }

    /// Lets its group have a file or folder that stays ours, with this mode. It must lie as for [`SystemUser::give`].
    pub(crate) fn let_read(&self, path: &Path, mode: u32) -> io::Result<()> {
        chown(path, None, Some(self.gid))?;
        fs::set_permissions(path, fs::Permissions::from_mode(mode))
    }
}

impl Drop for SystemUser {
    fn drop(&mut self) {
        if self.given {
            GIVEN.lock().remove(&self.uid);
        }
    }
}

fn first_free(taken: &BTreeSet<u32>) -> Option<u32> {
    UNUSED.into_iter().find(|number| !taken.contains(number))
}

/// The numbers in a file of users or groups; both have them in the third place (passwd(5), group(5)).
fn numbers_in(file: &str) -> impl Iterator<Item = u32> {
    file.lines().filter_map(|line| line.split(':').nth(2)?.parse().ok())
}

/// Another server on this machine gives from the same numbers.
fn users_of_processes() -> impl Iterator<Item = u32> {
    let entries = fs::read_dir("/proc").into_iter().flatten().flatten();
    entries
        .filter(|entry| entry.file_name().as_encoded_bytes().iter().all(u8::is_ascii_digit))
        .filter_map(|entry| Some(entry.metadata().ok()?.uid()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_user_that_is_named_is_found_and_is_not_root() {
        let file = "root:x:0:0:root:/root:/bin/sh\ntoor:x:0:5::/:\nlike:x:7:0::/:\nweb:x:998:997::/nonexistent:/bin/false\nodd:x:a:b\n";
        let user = |name: &str, uid, gid| Ok(RunAs::User { name: name.to_owned(), uid, gid });
        for (name, expected) in [
            ("web", user("web", 998, 997)),
            ("root", Err(UserError::Root("root".to_owned()))),
            ("toor", Err(UserError::Root("toor".to_owned()))),
            ("like", Err(UserError::Root("like".to_owned()))),
            ("odd", Err(UserError::Unknown("odd".to_owned()))),
            ("we", Err(UserError::Unknown("we".to_owned()))),
            ("998", Err(UserError::Unknown("998".to_owned()))),
            ("", Err(UserError::Unknown(String::new()))),
        ] {
            assert_eq!(RunAs::find(name, file), expected, "{name}");
        }
    }

    #[test]
    fn a_number_is_taken_by_users_groups_and_programs() {
        let taken = |numbers: &[u32]| numbers.iter().copied().collect::<BTreeSet<_>>();
        assert_eq!(first_free(&taken(&[])), Some(65_520));
        assert_eq!(first_free(&taken(&[0, 65_520, 65_522])), Some(65_521));
        assert_eq!(first_free(&UNUSED.collect()), None);
        assert_eq!(numbers_in("a:x:65520:1\nbroken\nb:x:no:2\nc:x:7:").collect::<Vec<_>>(), [65_520, 7]);
        assert!(users_of_processes().any(|uid| uid == rustix::process::geteuid().as_raw()), "this very process");
    }

    #[test]
    fn each_program_has_a_number_of_its_own_as_long_as_it_lives() {
        let (one, two) = (SystemUser::unused(), SystemUser::unused());
        assert!(UNUSED.contains(&one.uid) && one.uid != two.uid && one.given && two.given);
        let uid = one.uid;
        drop(one);
        assert!(!GIVEN.lock().contains(&uid));
        assert!(GIVEN.lock().contains(&two.uid));
    }
}
