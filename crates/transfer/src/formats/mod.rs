//! The files of other programs, one file of ours for each format: bytes in, items out.
//!
//! A reader is a function of the file's bytes and its password which gives what it finds to [`Found`]. It changes nothing, waits for
//! nothing, and holds what it reads in types that wipe their memory. What a file says of cost is compared with a limit
//! before it is paid.

mod aegis;
mod andotp;
mod archive;
mod authenticator_plus;
mod bitwarden;
mod bitwarden_authenticator;
mod columns;
mod cxf;
mod ente;
mod factor;
mod file_password;
mod freeotp;
mod freeotp_backup;
mod hidden;
mod json;
mod kdbx;
mod keeper;
mod keeper_table;
mod known;
mod lists;
mod login;
mod marks;
mod one_pux;
mod other_tables;
pub(crate) mod own_table;
mod pass;
mod pgp;
mod proton_authenticator;
mod proton_pass;
mod sight;
mod stratum;
mod table;
mod table_layout;
mod tables;
mod titles;
mod two_fas;
mod unknown;
pub(crate) mod utf16;
mod winauth;
mod xml;
mod zipped_text;

pub(crate) use columns::read_by_mapping;
pub use columns::{ColumnMapping, TableHead};
pub(crate) use file_password::FilePassword;
pub(crate) use hidden::Hidden;
pub(crate) use known::{Found, Known, Stop};
pub(crate) use login::{LONGEST_TAG, MOST_TAGS, begins_with_host, is_page};
pub(crate) use own_table::holds_a_formula;
pub(crate) use sight::Sight;

use countersign_seal::Secret;

pub(crate) use crate::problem::{FactorProblem, FileProblem};

/// Every format but addresses and pictures; the first that knows a file reads it, hence the more particular before the
/// more general.
const KNOWN: &[Known] = &[
    aegis::AEGIS,
    two_fas::TWO_FAS,
    ente::ENCRYPTED,
    ente::TEXT,
    proton_authenticator::PROTON_AUTHENTICATOR,
    bitwarden_authenticator::JSON,
    bitwarden_authenticator::TABLE,
    stratum::PLAIN,
    stratum::ENCRYPTED,
    freeotp::JSON,
    freeotp::XML,
    freeotp_backup::BACKUP,
    winauth::TEXT,
    winauth::XML,
    andotp::PLAIN,
    kdbx::KDBX,
    kdbx::XML,
    archive::ONE_PUX,
    archive::PROTON_PASS,
    archive::BITWARDEN,
    archive::KEEPER,
    archive::DASHLANE,
    cxf::ACCOUNT,
    bitwarden::PROTECTED,
    bitwarden::RESTRICTED,
    bitwarden::PLAIN,
    proton_pass::PROTON_PASS,
    cxf::CXF,
    cxf::ENCRYPTED,
    keeper::OBJECT,
    keeper::LIST,
    own_table::OWN_TABLE,
    tables::BITWARDEN,
    tables::ONE_PASSWORD,
    tables::APPLE,
    tables::KEEPASSXC,
    tables::KEEPASS,
    tables::LASTPASS,
    tables::DASHLANE,
    tables::FIREFOX,
    tables::PROTON_PASS,
    tables::DELINEA,
    tables::CYBERARK_WORKFORCE,
    tables::CYBERARK_VAULT,
    tables::CHROME,
    keeper_table::WITH_TITLES,
    other_tables::USUAL_TABLE,
    // Known by its rows alone: what has titles comes before.
    keeper_table::WITHOUT_TITLES,
    pass::PASS,
    other_tables::UNKNOWN_TABLE,
    zipped_text::ZIPPED_TEXT,
    // Known by little more than looking like chance: nothing may follow.
    andotp::ENCRYPTED,
    andotp::OLD_ENCRYPTED,
];

/// What is known for what it is and never read.
const REFUSED: &[Known] = &[pgp::ENCRYPTED, authenticator_plus::DATABASE];

/// The same where it is none of the formats.
const REFUSED_LAST: &[Known] = &[archive::PASS_STORE, archive::DAMAGED, unknown::JSON, unknown::PAGE];

/// What is read beside addresses and pictures, each with its article, such as *an export of Aegis*.
pub fn readable_formats() -> impl Iterator<Item = &'static str> {
    KNOWN.iter().map(|known| known.name)
}

/// The format in this place of [`readable_formats`], from 0.
pub(crate) fn known(place: usize) -> Option<&'static Known> {
    KNOWN.get(place)
}

/// Which format a file is of, if one knows it.
pub(crate) fn recognise(name: &str, bytes: &[u8]) -> Option<&'static Known> {
    let sight = Sight::of(bytes).called(name);
    REFUSED.iter().chain(KNOWN).chain(REFUSED_LAST).find(|known| (known.is)(&sight))
}

/// The format of a file that none knows by its bytes or its name, and that its password opens.
pub(crate) fn opened_by(bytes: &[u8], password: Option<&Secret>) -> Option<&'static Known> {
    password.filter(|password| andotp::opens(bytes, password)).map(|_| &andotp::OLD_ENCRYPTED)
}

/// The first line of a file that is a table which no program is known to write; `None` for every other file. For a person who says
/// which column holds what.
pub fn table_head(name: &str, bytes: &[u8]) -> Option<TableHead> {
    let decoded = utf16::decoded(bytes);
    let bytes = decoded.as_ref().map_or(bytes, Secret::expose);
    let known = recognise(name, bytes)?;
    if known.name == other_tables::FORMAT { columns::head(bytes) } else { None }
}
