//! Changes at the practice site, in a real Chromium, with a real vault.

#![expect(clippy::unwrap_used, reason = "a test ends with the first surprise")]

mod answering;
mod asleep;
mod called_off;
mod certificates;
mod changes;
mod crash;
mod fixture;
mod mix;
mod mixed;
mod odd;
mod ports;
mod sessions;
mod viewer;
