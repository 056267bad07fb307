//! Tables, SQL, migrations and transactions: the only user of sqlx. It sees sealed secrets, never open ones.
//!
//! Begin at [`engine::Database`], then at the module of the table you need, in the folder of its subject: each is a list of
//! named statements and one function a statement. What only reads takes any [`engine::Select`]; what writes takes a
//! [`engine::Transaction`], so that a change and its record become durable together. To add a table: a migration of the
//! same number in both folders of `migrations/`, a line in [`MIGRATIONS`], a module here, its lists in [`all_statements`].
//!
//! May touch: `audit` for the shape of records, `seal` for sealed values, `model`.

pub mod access;
pub mod audit;
pub mod changes;
pub mod check_outs;
pub mod credentials;
pub mod engine;
pub mod groups;
pub mod keys;
mod like;
pub mod notices;
pub mod requests;
pub mod scim;
pub mod sessions;
pub mod steps;
#[cfg(feature = "testing")]
pub mod testing;
pub mod users;
pub mod vault_requests;

pub use changes::jobs;
pub use credentials::{automation, names, phones, secrets};
pub use keys::{marks, rewrap, vault, vault_keys};
pub use users::{
    device_logins, devices, federated, passkey_challenges, passkeys, people, preferences, provider, recovery,
    round_trips, services, sign_ins,
};

use engine::{Bulk, Migration, Statement};

/// Every step of the schema, in order.
pub static MIGRATIONS: &[Migration] = &[
    migration!(1, "0001_vault"),
    migration!(2, "0002_change"),
    migration!(3, "0003_session"),
    migration!(4, "0004_recovery"),
    migration!(5, "0005_proof"),
    migration!(6, "0006_notice"),
    migration!(7, "0007_sign_in"),
    migration!(8, "0008_scope"),
    migration!(9, "0009_mark"),
    migration!(10, "0010_site_answer"),
    migration!(11, "0011_redirected"),
    migration!(12, "0012_playback"),
    migration!(13, "0013_first_password"),
    migration!(14, "0014_vault_key"),
    migration!(15, "0015_more_marks"),
    migration!(16, "0016_shown_change"),
    migration!(17, "0017_audit_block"),
    migration!(18, "0018_learnt_pages"),
    migration!(19, "0019_credential_changed"),
    migration!(20, "0020_grant"),
    migration!(21, "0021_request"),
    migration!(22, "0022_check_out"),
    migration!(23, "0023_review"),
    migration!(24, "0024_passkey"),
    migration!(25, "0025_service_account"),
    migration!(26, "0026_scim"),
    migration!(27, "0027_provider"),
    migration!(28, "0028_sink"),
    migration!(29, "0029_federated_identity"),
    migration!(30, "0030_device"),
    migration!(31, "0031_removed_credential"),
    migration!(32, "0032_session_address"),
    migration!(33, "0033_device_login"),
    migration!(34, "0034_vault_request"),
    migration!(35, "0035_transfer"),
    migration!(36, "0036_person_preferences"),
    migration!(37, "0037_natural_order"),
];

/// Every statement that this room can run, for the test that prepares each on both engines.
#[expect(clippy::too_many_lines, reason = "a line for each list")]
pub fn all_statements() -> Vec<&'static Statement> {
    let lists = [
        access::STATEMENTS,
        audit::blocks::STATEMENTS,
        audit::checkpoints::STATEMENTS,
        audit::group::STATEMENTS,
        audit::rows::STATEMENTS,
        audit::runs::STATEMENTS,
        audit::sinks::STATEMENTS,
        audit::uses::STATEMENTS,
        audit::views::STATEMENTS,
        automation::STATEMENTS,
        check_outs::STATEMENTS,
        changes::runs::STATEMENTS,
        changes::shown::STATEMENTS,
        credentials::at_site::STATEMENTS,
        credentials::attention::STATEMENTS,
        credentials::credential::SHARED,
        credentials::credential::STATEMENTS,
        credentials::decisions::STATEMENTS,
        credentials::grants::STATEMENTS,
        credentials::list::SHARED,
        credentials::list::STATEMENTS,
        credentials::listed::STATEMENTS,
        credentials::removed::STATEMENTS,
        credentials::reviews::STATEMENTS,
        device_logins::STATEMENTS,
        devices::STATEMENTS,
        federated::STATEMENTS,
        groups::STATEMENTS,
        jobs::STATEMENTS,
        marks::STATEMENTS,
        marks::BIN_STATEMENTS,
        marks::DEVICE_LOGIN_STATEMENTS,
        marks::MACHINE_STATEMENTS,
        marks::VAULT_REQUEST_STATEMENTS,
        names::STATEMENTS,
        notices::STATEMENTS,
        passkey_challenges::STATEMENTS,
        passkeys::STATEMENTS,
        people::STATEMENTS,
        preferences::STATEMENTS,
        provider::STATEMENTS,
        recovery::STATEMENTS,
        requests::STATEMENTS,
        rewrap::STATEMENTS,
        round_trips::STATEMENTS,
        scim::STATEMENTS,
        phones::STATEMENTS,
        secrets::STATEMENTS,
        services::STATEMENTS,
        sessions::links::STATEMENTS,
        sessions::list::STATEMENTS,
        sessions::recordings::STATEMENTS,
        sessions::session::STATEMENTS,
        sign_ins::STATEMENTS,
        steps::STATEMENTS,
        vault::STATEMENTS,
        vault_keys::STATEMENTS,
        vault_requests::STATEMENTS,
    ];
    let bulks =
        [audit::runs::BULKS, audit::uses::BULKS, credentials::credential::BULKS, secrets::BULKS, steps::BULKS].concat();
    lists.concat().into_iter().chain(bulks.into_iter().flat_map(Bulk::all)).collect()
}
