//! Commands that ask a server, one file each; `http.rs` is how. `audit`, `key` and `user` have parts that work beside the data.

pub(crate) mod audit;
pub(crate) mod automation;
pub(crate) mod bundle;
pub(crate) mod change;
pub(crate) mod check_out;
pub(crate) mod credential;
pub(crate) mod export;
pub(crate) mod grant;
mod grant_many;
mod grant_words;
pub(crate) mod group;
pub(crate) mod http;
pub(crate) mod import;
pub(crate) mod key;
pub(crate) mod login;
mod policies;
pub(crate) mod provider;
mod records;
pub(crate) mod request;
pub(crate) mod reveal;
mod review;
pub(crate) mod service;
pub(crate) mod session;
pub(crate) mod sink;
mod tags;
pub(crate) mod token;
pub(crate) mod user;
