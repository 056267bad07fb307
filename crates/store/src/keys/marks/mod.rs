//! Marks on rows of authority: who may do what, and by what people and programs are recognised.
//!
//! A mark is an HMAC over a row's columns that matter, under a key that comes from the vault key. It is written with the
//! row and compared whenever the row is read, so that a row which somebody put or changed with SQL alone is refused. What
//! each table's mark covers stands in `covered.rs`, for the row's own module and for what looks at whole tables, in
//! `tables.rs`.
//!
//! A mark says that this vault has written the row at some time. It does not tell that the row is the newest one, nor
//! that none was removed: putting old rows back shows only in the log.

mod audit_sinks;
mod covered;
mod tables;

pub use covered::GENERATION;
pub(crate) use covered::{
    MORE_OF_PEOPLE, MarkedCredential, MarkedGrant, MarkedPerson, MarkedRequest, MarkedSession, MarkedToken, automation,
    check_out, group, group_member, link, pages, person_link, playback, run, seed, sink, sink_state,
};
pub use tables::{STATEMENTS, StaleMark, any_marked, check_all, cover_more, former, mark_all, remark};
pub(crate) use tables::{with_grant, with_request};
