//! The desktop's keyring, by the Secret Service API over D-Bus: what GNOME Keyring, KWallet and KeePassXC answer.
//!
//! Nobody is asked for anything: where a keyring is locked, or would ask, it counts as none. Values travel as they are (a session of the
//! kind `plain`): who listens on the bus of this user can ask the keyring itself.

use std::{collections::HashMap, path::Path, time::Duration};

use anyhow::Context as _;
use serde::{Deserialize, Serialize};
use zbus::{
    Connection, Message, connection,
    wire::{DynamicType, OwnedObjectPath, OwnedVariant, Type, Variant},
};

/// Who does not answer within that counts as not there.
const LONGEST: Duration = Duration::from_secs(3);
const SERVICE: &str = "org.freedesktop.secrets";
const ROOT: &str = "/org/freedesktop/secrets";
/// The path that stands for nothing.
const NOTHING: &str = "/";

/// By what one value is found again: the login's id.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Place<'a> {
    pub(crate) login: &'a str,
}

impl<'a> Place<'a> {
    fn attributes(self) -> HashMap<&'static str, &'a str> {
        HashMap::from([("application", "countersign"), ("login", self.login)])
    }
}

/// A value with the session that it travels in.
#[derive(Serialize, Deserialize, Type)]
struct SecretValue {
    session: OwnedObjectPath,
    parameters: Vec<u8>,
    value: Vec<u8>,
    content_type: String,
}

/// Where this user's bus is, of these variables; `None` where there is no desktop.
fn bus(variable: impl Fn(&str) -> Option<String>, exists: impl Fn(&Path) -> bool) -> Option<String> {
    if let Some(address) = variable("DBUS_SESSION_BUS_ADDRESS").filter(|address| !address.is_empty()) {
        return Some(address);
    }
    let socket = Path::new(&variable("XDG_RUNTIME_DIR")?).join("bus");
    exists(&socket).then(|| format!("unix:path={}", socket.display()))
}

/// Keeps a value under a name that people read.
pub(crate) fn keep(place: Place<'_>, label: &str, value: &str) -> anyhow::Result<()> {
    on_its_own(async || Keyring::open().await?.keep(place, label, value).await)
}

/// The value that was kept; `None` when there is none.
pub(crate) fn find(place: Place<'_>) -> anyhow::Result<Option<String>> {
    on_its_own(async || Keyring::open().await?.find(place).await)
}

/// Removes the value that was kept; false when there is none.
pub(crate) fn remove(place: Place<'_>) -> anyhow::Result<bool> {
    on_its_own(async || Keyring::open().await?.remove(place).await)
}

/// Waits for an answer in a thread of its own: who asks may be a task, which must not wait for another runtime.
fn on_its_own<T: Send>(ask: impl AsyncFnOnce() -> anyhow::Result<T> + Send) -> anyhow::Result<T> {
    let alone = || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        let answer = runtime.block_on(async { tokio::time::timeout(LONGEST, ask()).await });
        // What still waits for the bus is left alone.
        runtime.shutdown_background();
        answer.unwrap_or_else(|_| anyhow::bail!("the keyring does not answer within {} seconds", LONGEST.as_secs()))
    };
    std::thread::scope(|scope| scope.spawn(alone).join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)))
}

/// A keyring that answers.
struct Keyring {
    bus: Connection,
    session: OwnedObjectPath,
}

impl Keyring {
    async fn open() -> anyhow::Result<Self> {
        let address =
            bus(|name| std::env::var(name).ok(), Path::exists).context("there is no desktop, and so no keyring")?;
        let bus = connection::Builder::address(address.as_str())
            .build()
            .await
            .context("the desktop's bus cannot be reached")?;
        let body = ("plain", Variant::from(""));
        let opened = bus.call_method(Some(SERVICE), ROOT, Some(interface("Service")), "OpenSession", &body).await;
        let opened = opened.context("no keyring answers")?;
        let (_, session): (OwnedVariant, OwnedObjectPath) = opened.body().deserialize()?;
        Ok(Self { bus, session })
    }

    async fn ask<B>(&self, path: &str, of: &'static str, what: &str, body: &B) -> anyhow::Result<Message>
    where
        B: Serialize + DynamicType,
    {
        let asked = self.bus.call_method(Some(SERVICE), path, Some(interface(of)), what, body).await;
        asked.with_context(|| format!("the keyring refuses {what}"))
    }

    async fn keep(&self, place: Place<'_>, label: &str, value: &str) -> anyhow::Result<()> {
        let found = self.ask(ROOT, "Service", "ReadAlias", &("default",)).await?;
        let collection: OwnedObjectPath = found.body().deserialize()?;
        anyhow::ensure!(collection.as_str() != NOTHING, "this user has no default keyring");
        anyhow::ensure!(!self.is_locked(&collection).await?, "the keyring is locked");
        let properties = HashMap::from([
            ("org.freedesktop.Secret.Item.Label", Variant::from(label)),
            ("org.freedesktop.Secret.Item.Attributes", Variant::from(place.attributes())),
        ]);
        let secret = SecretValue {
            session: self.session.clone(),
            parameters: Vec::new(),
            value: value.as_bytes().to_vec(),
            content_type: "text/plain".to_owned(),
        };
        let made = self.ask(collection.as_str(), "Collection", "CreateItem", &(properties, secret, true)).await?;
        let (item, prompt): (OwnedObjectPath, OwnedObjectPath) = made.body().deserialize()?;
        if prompt.as_str() != NOTHING {
            self.dismiss(&prompt).await;
            anyhow::bail!("the keyring would ask before it keeps anything");
        }
        anyhow::ensure!(item.as_str() != NOTHING, "the keyring kept nothing");
        // It is there once it is found there.
        let kept = self.find(place).await?;
        anyhow::ensure!(kept.as_deref() == Some(value), "the keyring gives back something else than it was given");
        Ok(())
    }

    async fn find(&self, place: Place<'_>) -> anyhow::Result<Option<String>> {
        let Some(item) = self.search(place).await? else { return Ok(None) };
        let found = self.ask(item.as_str(), "Item", "GetSecret", &(&self.session,)).await?;
        let secret: SecretValue = found.body().deserialize()?;
        Ok(Some(String::from_utf8(secret.value).context("the keyring holds something else than a token")?))
    }

    async fn remove(&self, place: Place<'_>) -> anyhow::Result<bool> {
        let Some(item) = self.search(place).await? else { return Ok(false) };
        let removed = self.ask(item.as_str(), "Item", "Delete", &()).await?;
        let prompt: OwnedObjectPath = removed.body().deserialize()?;
        if prompt.as_str() != NOTHING {
            self.dismiss(&prompt).await;
            anyhow::bail!("the keyring would ask before it removes anything");
        }
        Ok(true)
    }

    async fn search(&self, place: Place<'_>) -> anyhow::Result<Option<OwnedObjectPath>> {
        let found = self.ask(ROOT, "Service", "SearchItems", &(place.attributes(),)).await?;
        let (open, locked): (Vec<OwnedObjectPath>, Vec<OwnedObjectPath>) = found.body().deserialize()?;
        anyhow::ensure!(!open.is_empty() || locked.is_empty(), "the keyring is locked");
        Ok(open.into_iter().next())
    }

    async fn is_locked(&self, collection: &OwnedObjectPath) -> anyhow::Result<bool> {
        let body = (interface("Collection"), "Locked");
        let path = collection.as_str();
        let asked = self.bus.call_method(Some(SERVICE), path, Some("org.freedesktop.DBus.Properties"), "Get", &body);
        let value: OwnedVariant = asked.await.context("the keyring refuses Get")?.body().deserialize()?;
        bool::try_from(value).context("the keyring does not say whether it is locked")
    }

    async fn dismiss(&self, prompt: &OwnedObjectPath) {
        let _ = self.ask(prompt.as_str(), "Prompt", "Dismiss", &()).await;
    }
}

fn interface(of: &'static str) -> String {
    format!("org.freedesktop.Secret.{of}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bus_is_looked_for_where_the_desktop_says() {
        let table = [
            (vec![], None),
            (vec![("DBUS_SESSION_BUS_ADDRESS", "")], None),
            (vec![("DBUS_SESSION_BUS_ADDRESS", "unix:path=/a")], Some("unix:path=/a")),
            (vec![("XDG_RUNTIME_DIR", "/run/user/1")], Some("unix:path=/run/user/1/bus")),
            (vec![("XDG_RUNTIME_DIR", "/run/user/2")], None),
            (
                vec![("XDG_RUNTIME_DIR", "/run/user/1"), ("DBUS_SESSION_BUS_ADDRESS", "unix:path=/a")],
                Some("unix:path=/a"),
            ),
        ];
        for (variables, wanted) in table {
            let variable =
                |name: &str| variables.iter().find(|(known, _)| *known == name).map(|(_, value)| (*value).to_owned());
            let found = bus(variable, |path| path == Path::new("/run/user/1/bus"));
            assert_eq!(found.as_deref(), wanted, "{variables:?}");
        }
    }
}
