use std::fmt::Debug;

use serde::{
    Serialize,
    de::{DeserializeOwned, IgnoredAny},
};

/// Something that Chromium can be asked to do: the value is its parameters.
///
/// Some hold a secret, so none may have a `Debug` ([`command!`] sees to that); what is secret is borrowed, and written once, into memory that is wiped
/// (`message.rs`).
pub(crate) trait Command: Serialize {
    /// As the protocol calls it, such as `Page.navigate`.
    const METHOD: &'static str;
    /// What of the answer is used.
    type Reply: DeserializeOwned;
}

/// The reply of a command of which nothing but its success is wanted.
pub(crate) type Done = IgnoredAny;

/// Stands once for what has no `Debug`, and twice for what has one: then it is open which is meant, and nothing is built.
pub(super) trait WithoutDebug<Mark> {
    fn is_meant() {}
}

impl<T> WithoutDebug<()> for T {}
impl<T: Debug> WithoutDebug<u8> for T {}

/// Says of a type which command it is, and what comes back: nothing that is wanted, unless it is named.
macro_rules! command {
    ($name:ident $(<$life:lifetime>)?, $method:literal) => {
        command!($name $(<$life>)?, $method, $crate::cdp::command::Done);
    };
    ($name:ident $(<$life:lifetime>)?, $method:literal, $reply:ty) => {
        impl $(<$life>)? $crate::cdp::Command for $name $(<$life>)? {
            const METHOD: &'static str = $method;
            type Reply = $reply;
        }
        const _: fn() = || <$name as $crate::cdp::command::WithoutDebug<_>>::is_meant();
    };
}
pub(super) use command;

/// Looks at a command as JSON.
#[cfg(test)]
pub(super) fn json_of<C: Command>(command: &C) -> (&'static str, serde_json::Value) {
    (C::METHOD, serde_json::to_value(command).unwrap())
}
