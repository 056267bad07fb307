//! A bus of one's own, and on it a keyring as a desktop has one (Secret Service API), or one that is locked.

use std::{
    collections::HashMap,
    io::{BufRead as _, BufReader},
    process::{Child, Command, Stdio},
    sync::Arc,
};

use futures_util::StreamExt as _;
use parking_lot::Mutex;
use serde::{Deserialize, Serialize};
use zbus::{
    Connection, Message, MessageStream, connection,
    message::Type as Kind,
    wire::{OwnedObjectPath, OwnedVariant, Type, Variant},
};

use crate::house::Place;

const ROOT: &str = "/org/freedesktop/secrets";
const COLLECTION: &str = "/org/freedesktop/secrets/collection/login";

#[derive(Serialize, Deserialize, Type)]
struct SecretValue {
    session: OwnedObjectPath,
    parameters: Vec<u8>,
    value: Vec<u8>,
    content_type: String,
}

/// What is kept, by its path: label, attributes and value.
type Items = Arc<Mutex<HashMap<String, (String, HashMap<String, String>, Vec<u8>)>>>;

/// A keyring on a bus of its own.
pub(crate) struct FakeKeyring {
    daemon: Child,
    pub(crate) address: String,
    items: Items,
    locked: Arc<Mutex<bool>>,
    _bus: Connection,
}

/// A bus on which nobody answers.
pub(crate) fn empty_bus(place: &Place) -> (Child, String) {
    let folder = place.path("");
    let config = format!(
        "<busconfig><type>session</type><listen>unix:dir={}</listen><auth>EXTERNAL</auth><policy context=\"default\">\
         <allow send_destination=\"*\"/><allow receive_sender=\"*\"/><allow own=\"*\"/><allow user=\"*\"/></policy></busconfig>",
        folder.display()
    );
    let config = place.write("bus.conf", config);
    let file = format!("--config-file={}", config.display());
    let mut daemon = Command::new("dbus-daemon");
    daemon
        .args([file.as_str(), "--nofork", "--nopidfile", "--print-address"])
        .stdout(Stdio::piped())
        .stderr(Stdio::null());
    let mut daemon = daemon.spawn().expect("dbus-daemon is installed");
    let mut address = String::new();
    BufReader::new(daemon.stdout.take().unwrap()).read_line(&mut address).unwrap();
    (daemon, address.trim().to_owned())
}

impl FakeKeyring {
    pub(crate) async fn start(place: &Place) -> Self {
        let (daemon, address) = empty_bus(place);
        let bus = connection::Builder::address(address.as_str()).name("org.freedesktop.secrets").build().await.unwrap();
        let (items, locked) = (Items::default(), Arc::new(Mutex::new(false)));
        let (own, known, closed) = (bus.clone(), Arc::clone(&items), Arc::clone(&locked));
        tokio::spawn(async move {
            let mut calls = MessageStream::from(&own);
            while let Some(Ok(call)) = calls.next().await {
                if call.message_type() == Kind::MethodCall {
                    let locked = *closed.lock();
                    answer(&own, &call, &known, locked).await;
                }
            }
        });
        Self { daemon, address, items, locked, _bus: bus }
    }

    /// Labels and values of all that is kept.
    pub(crate) fn kept(&self) -> Vec<(String, String)> {
        let items = self.items.lock();
        items.values().map(|(label, _, value)| (label.clone(), String::from_utf8(value.clone()).unwrap())).collect()
    }

    pub(crate) fn lock(&self, locked: bool) {
        *self.locked.lock() = locked;
    }
}

impl Drop for FakeKeyring {
    fn drop(&mut self) {
        let _ = self.daemon.kill();
        let _ = self.daemon.wait();
    }
}

fn path(text: &str) -> OwnedObjectPath {
    OwnedObjectPath::try_from(text.to_owned()).unwrap()
}

async fn answer(bus: &Connection, call: &Message, items: &Items, locked: bool) {
    let header = call.header();
    let at = header.path().unwrap().to_string();
    let nothing = path("/");
    match header.member().unwrap().as_str() {
        "OpenSession" => {
            let answer = (Variant::from(""), path("/org/freedesktop/secrets/session/1"));
            bus.reply(&header, &answer).await.unwrap();
        }
        "ReadAlias" => bus.reply(&header, &path(COLLECTION)).await.unwrap(),
        "Get" => bus.reply(&header, &Variant::from(locked)).await.unwrap(),
        "CreateItem" => {
            let body = call.body();
            let (mut properties, secret, _): (HashMap<String, OwnedVariant>, SecretValue, bool) =
                body.deserialize().unwrap();
            let label = properties.remove("org.freedesktop.Secret.Item.Label").unwrap();
            let attributes = properties.remove("org.freedesktop.Secret.Item.Attributes").unwrap();
            let (label, attributes) = (String::try_from(label).unwrap(), attributes.try_into().unwrap());
            let made = format!("{COLLECTION}/{}", items.lock().len() + 1);
            items.lock().insert(made.clone(), (label, attributes, secret.value));
            bus.reply(&header, &(path(&made), nothing)).await.unwrap();
        }
        "SearchItems" => {
            assert_eq!(at, ROOT);
            let wanted: HashMap<String, String> = call.body().deserialize().unwrap();
            let fits = |has: &HashMap<String, String>| wanted.iter().all(|(name, value)| has.get(name) == Some(value));
            let found =
                items.lock().iter().filter(|(_, item)| fits(&item.1)).map(|(at, _)| path(at)).collect::<Vec<_>>();
            let answer = if locked { (Vec::new(), found) } else { (found, Vec::new()) };
            bus.reply(&header, &answer).await.unwrap();
        }
        "GetSecret" => {
            let session: OwnedObjectPath = call.body().deserialize().unwrap();
            let value = items.lock()[&at].2.clone();
            let secret = SecretValue { session, parameters: Vec::new(), value, content_type: "text/plain".to_owned() };
            bus.reply(&header, &(secret,)).await.unwrap();
        }
        "Delete" => {
            items.lock().remove(&at);
            bus.reply(&header, &nothing).await.unwrap();
        }
        other => bus.reply_error(&header, "org.freedesktop.DBus.Error.UnknownMethod", &other).await.unwrap(),
    }
}
