//! The login that later commands use: which server, and the API token, in the desktop's keyring or in the file beside.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use anyhow::Context as _;
use serde::{Deserialize, Serialize};

use crate::machine::keyring;

/// What `login` writes into its file.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Stored {
    url: String,
    /// Left out where the keyring has it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    token: Option<String>,
    /// The token's id, by which it is revoked and found in the keyring; versions before this one did not keep it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    id: Option<String>,
    /// Whether the keyring has the token.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    keyring: bool,
}

/// A login that was kept.
pub(crate) struct Kept {
    pub(crate) url: String,
    /// The token's id; logins of versions before this one have none.
    pub(crate) id: Option<String>,
    token: Option<String>,
}

/// Where an API token is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum TokenPlace {
    /// In the desktop's keyring.
    Keyring,
    /// In that file.
    File(PathBuf),
}

impl TokenPlace {
    /// By one word, for programs.
    pub(crate) const fn name(&self) -> &'static str {
        match self {
            Self::Keyring => "keyring",
            Self::File(_) => "file",
        }
    }
}

impl std::fmt::Display for TokenPlace {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Keyring => f.write_str("your keyring"),
            Self::File(path) => write!(f, "{}", path.display()),
        }
    }
}

impl Kept {
    /// Where its token is.
    pub(crate) fn place(&self) -> anyhow::Result<TokenPlace> {
        Ok(if self.token.is_some() { TokenPlace::File(path()?) } else { TokenPlace::Keyring })
    }

    /// Its token.
    pub(crate) fn token(&self) -> anyhow::Result<String> {
        if let Some(token) = &self.token {
            return Ok(token.clone());
        }
        let found = keyring::find(self.in_keyring())
            .context("the API token is in the keyring, which cannot be read: unlock it, or set COUNTERSIGN_TOKEN")?;
        found.context("the API token is not in the keyring any more: run `countersign login` again")
    }

    /// Removes the token from where it is, and then the login itself.
    pub(crate) fn forget(&self) -> anyhow::Result<PathBuf> {
        let path = path()?;
        self.leave_keyring()?;
        fs::remove_file(&path).with_context(|| format!("{} cannot be removed", path.display()))?;
        Ok(path)
    }

    fn leave_keyring(&self) -> anyhow::Result<()> {
        if self.token.is_some() {
            return Ok(());
        }
        keyring::remove(self.in_keyring()).map(drop).context("the API token cannot be removed from the keyring")
    }

    fn in_keyring(&self) -> keyring::Place<'_> {
        keyring::Place { login: self.id.as_deref().unwrap_or_default() }
    }
}

/// An API token to keep.
pub(crate) struct NewLogin<'a> {
    pub(crate) url: &'a str,
    pub(crate) token: &'a str,
    pub(crate) id: Option<&'a str>,
}

/// A login that was kept, and what to say of it.
pub(crate) struct KeptIn {
    /// The file of the login.
    pub(crate) file: PathBuf,
    /// Where the token is.
    pub(crate) token: TokenPlace,
    /// Why it is not in the keyring, where it was to be.
    pub(crate) no_keyring: Option<String>,
}

/// Keeps a login for later commands: its token in the keyring where one answers, else in a file that its owner alone can read.
pub(crate) fn keep(login: &NewLogin<'_>, use_keyring: bool) -> anyhow::Result<KeptIn> {
    let file = path()?;
    let former = read().ok().flatten();
    let mut no_keyring = None;
    // By its id it is found again.
    let place = login.id.filter(|_| use_keyring).map(|login| keyring::Place { login });
    let in_keyring = place.is_some_and(|place| {
        let kept = keyring::keep(place, &format!("Countersign at {}", login.url), login.token);
        no_keyring = kept.as_ref().err().map(|error| format!("{error:#}"));
        kept.is_ok()
    });
    let id = login.id.map(str::to_owned);
    let token = (!in_keyring).then(|| login.token.to_owned());
    let written = write(&file, &Stored { url: login.url.to_owned(), token, id, keyring: in_keyring });
    if let (Err(_), true, Some(place)) = (&written, in_keyring, place) {
        let _ = keyring::remove(place);
    }
    written?;
    // What the keyring still had of the former login serves nobody.
    if let Some(former) = former.filter(|former| former.id.as_deref() != login.id) {
        let _ = former.leave_keyring();
    }
    let token = if in_keyring { TokenPlace::Keyring } else { TokenPlace::File(file.clone()) };
    Ok(KeptIn { file, token, no_keyring })
}

fn write(path: &Path, login: &Stored) -> anyhow::Result<()> {
    use std::io::Write as _;
    let folder = path.parent().context("the login's file has a folder")?;
    fs::create_dir_all(folder).with_context(|| format!("{} cannot be made", folder.display()))?;
    let text = serde_json::to_string_pretty(login)?;
    // Written beside and renamed, so that a half-written login never replaces a whole one.
    let mut file = tempfile::NamedTempFile::new_in(folder)?;
    file.write_all(text.as_bytes())?;
    file.persist(path)?;
    Ok(())
}

/// Where the file of the login is.
pub(crate) fn path() -> anyhow::Result<PathBuf> {
    let folder = std::env::var_os("XDG_CONFIG_HOME")
        .map(PathBuf::from)
        .or_else(|| std::env::var_os("HOME").map(|home| Path::new(&home).join(".config")))
        .context("neither XDG_CONFIG_HOME nor HOME is set, so there is nowhere to keep the login")?;
    Ok(folder.join("countersign").join("login.json"))
}

/// The login that was kept.
pub(crate) fn read() -> anyhow::Result<Option<Kept>> {
    let Ok(path) = path() else { return Ok(None) };
    match fs::read_to_string(&path) {
        Ok(text) => parse(&text)
            .map(Some)
            .with_context(|| format!("{} is damaged: run `countersign login` again", path.display())),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error).with_context(|| format!("{} cannot be read", path.display())),
    }
}

fn parse(text: &str) -> anyhow::Result<Kept> {
    let Stored { url, token, id, keyring } = serde_json::from_str(text)?;
    anyhow::ensure!(token.is_some() != keyring, "it must say where the token is, once");
    anyhow::ensure!(id.is_some() || !keyring, "it does not say which token of the keyring it is");
    Ok(Kept { url, id, token })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_login_says_where_its_token_is_once() {
        let table = [
            (r#"{"url": "u", "token": "t"}"#, Some("file")),
            (r#"{"url": "u", "token": "t", "id": "i"}"#, Some("file")),
            (r#"{"url": "u", "id": "i", "keyring": true}"#, Some("keyring")),
            (r#"{"url": "u", "keyring": true}"#, None),
            (r#"{"url": "u", "token": "t", "id": "i", "keyring": true}"#, None),
            (r#"{"url": "u", "id": "i"}"#, None),
            (r#"{"url": "u", "token": "t", "other": 1}"#, None),
        ];
        for (text, wanted) in table {
            let place = parse(text).ok().map(|kept| if kept.token.is_some() { "file" } else { "keyring" });
            assert_eq!(place, wanted, "{text}");
        }
    }
}
