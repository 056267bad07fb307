//! Google Authenticator's export: addresses of up to ten accounts each, in a text and as pictures of QR codes to scan with the app.

use countersign_otp::{Label, MAX_MIGRATION_PARTS, OtpSecret, qr_png, write_migration_parts};
use countersign_seal::Secret;
use zeroize::Zeroizing;

use super::fit::{ExportRefusal, Fit};
use super::page::Page;
use super::{ExportFormat, ExportOrigin, Exported, ExportedFile};

/// Accounts of one picture, as many as the app itself puts into one.
const MOST_PER_CODE: usize = 10;

/// Bytes of an address with several accounts: version 27 of a code at its lowest level of correction, which phones still scan
/// from a screen.
const MOST_BYTES: usize = 1400;

/// Bytes of an address with one account that has very long names.
const MOST_BYTES_OF_ONE: usize = 2300;

/// The numbers of a part and of all parts take so many more characters than those of a part that is alone.
const ROOM_FOR_NUMBERS: usize = 16;

type Entry<'a> = (&'a OtpSecret, &'a Label);

pub(super) fn write(accounts: &[Fit<'_>], origin: &ExportOrigin<'_>, exported: &mut Exported) {
    let mut entries: Vec<Entry<'_>> = Vec::with_capacity(accounts.len());
    for account in accounts {
        let Some(secret) = account.secret else { continue };
        if fits(&[(secret, &account.label)]) {
            entries.push((secret, &account.label));
            exported.count_all_but_seed(account);
        } else {
            exported.leave_out(account.name, ExportRefusal::CodeTooLong);
        }
    }
    let mut parts = Vec::new();
    entries.chunks(MOST_PER_CODE).for_each(|chunk| add_parts(chunk, &mut parts));
    let mut batch = origin.batch;
    let mut addresses = Vec::with_capacity(parts.len());
    // More than a thousand parts are not read back: the rest is an export of its own.
    for parts in parts.chunks(MAX_MIGRATION_PARTS) {
        // What the form cannot hold was left out before.
        addresses.extend(write_migration_parts(parts, batch).unwrap_or_default());
        batch = batch.wrapping_add(1);
    }
    if addresses.is_empty() {
        return;
    }
    let mut page = Page::default();
    for address in &addresses {
        page.push(address.expose());
        page.push(b"\n");
    }
    exported.add_file(ExportFormat::Google, page.into_bytes());
    exported
        .files
        .extend((1..).zip(&addresses).filter_map(|(number, address)| picture(address, number, addresses.len())));
}

fn add_parts<'p, 'a>(chunk: &'p [Entry<'a>], parts: &mut Vec<&'p [Entry<'a>]>) {
    if fits(chunk) {
        parts.push(chunk);
    } else {
        let (first, second) = chunk.split_at(chunk.len() / 2);
        add_parts(first, parts);
        add_parts(second, parts);
    }
}

/// Whether so many accounts fit into one picture; none do.
fn fits(chunk: &[Entry<'_>]) -> bool {
    let most = if chunk.len() > 1 { MOST_BYTES } else { MOST_BYTES_OF_ONE };
    write_migration_parts(&[chunk], i32::MAX)
        .is_ok_and(|written| written.iter().all(|address| address.len() + ROOM_FOR_NUMBERS <= most))
}

fn picture(address: &Secret, number: usize, of: usize) -> Option<ExportedFile> {
    let picture = qr_png(address.expose_text()?).ok()?;
    Some(ExportedFile {
        name: format!("countersign-google-{number}-of-{of}.png"),
        media_type: "image/png",
        bytes: Zeroizing::new(picture.expose().to_vec()),
    })
}
