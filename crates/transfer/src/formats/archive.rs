//! Archives (ZIP) in which some programs put their export. Only the document is unpacked, and only as much as a document may be.

use std::io::{Cursor, Read as _};

use countersign_seal::Secret;
use zeroize::Zeroizing;
use zip::result::ZipError;
use zip::{CompressionMethod, ZipArchive};

use super::json::Content;
use super::login::count;
use super::table::rows_below_head;
use super::{FilePassword, FileProblem, Found, Known, Sight, Stop, bitwarden, keeper, one_pux, proton_pass, tables};

/// Files in one archive: a document, and its attachments.
const MOST_FILES: usize = 20_000;

/// Bytes of a document that is unpacked: twice what a file may have.
const MOST_BYTES: u64 = 64 << 20;

/// How many times its packed size a document may have; text has twenty at most.
const MOST_RATIO: u64 = 200;

/// 1Password's own form.
pub(crate) const ONE_PUX: Known = Known {
    name: ONE_PUX_FORMAT,
    is: |sight| has(sight, &["export.data", "export.attributes"]),
    read: |bytes, _, found| one_pux::read(&unpack(ONE_PUX_FORMAT, bytes, "export.data")?, found),
};

/// Proton Pass's, which encrypts the document alone.
pub(crate) const PROTON_PASS: Known = Known {
    name: PROTON_PASS_FORMAT,
    is: |sight| has(sight, &[PROTON_PASS_DATA, PROTON_PASS_ENCRYPTED]),
    read: read_proton_pass,
};

/// Bitwarden's with attachments.
pub(crate) const BITWARDEN: Known = Known {
    name: BITWARDEN_FORMAT,
    is: |sight| has(sight, &["data.json"]),
    read: |bytes, _, found| {
        let document = unpack(BITWARDEN_FORMAT, bytes, "data.json")?;
        // Proton's folder, packed again without the one around it.
        match Sight::of(document.bytes()).is_object_with(&["version", "vaults"]) {
            true => proton_pass::read(&document, found),
            false => bitwarden::read(&document, found),
        }
    },
};

/// Keeper's with attachments.
pub(crate) const KEEPER: Known = Known {
    name: KEEPER_FORMAT,
    is: |sight| has(sight, &["export.json"]),
    read: |bytes, _, found| keeper::read(&unpack(KEEPER_FORMAT, bytes, "export.json")?, found),
};

/// Dashlane's, whose other tables hold no logins.
pub(crate) const DASHLANE: Known =
    Known { name: DASHLANE_FORMAT, is: |sight| has(sight, &["credentials.csv"]), read: read_dashlane };

/// Entries of pass and gopass, as they lie in their folder.
pub(crate) const PASS_STORE: Known = Known {
    name: PASS_STORE_FORMAT,
    is: |sight| {
        let is_entry = |path: &str| [".gpg", ".age"].iter().any(|end| path.ends_with(end));
        sight.begins_with(b"PK\x03\x04")
            && open(PASS_STORE_FORMAT, sight.bytes())
                .is_ok_and(|archive| archive.file_names().any(|path| path.is_ok_and(|path| is_entry(&path))))
    },
    read: |_, _, _| {
        let reason = "its entries are encrypted, and only their owner's key opens them: decrypt each with `pass show NAME > NAME.txt`, \
                      import the texts, also together in a ZIP archive, and delete them";
        Err(FileProblem::NotReadable { format: PASS_STORE_FORMAT, reason: reason.to_owned() }.into())
    },
};

const PASS_STORE_FORMAT: &str = "an archive (ZIP) of pass or gopass";

/// Of which nobody can say what was in it.
pub(crate) const DAMAGED: Known = Known {
    name: DAMAGED_FORMAT,
    is: |sight| sight.begins_with(b"PK\x03\x04") && ZipArchive::new(Cursor::new(sight.bytes())).is_err(),
    read: |bytes, _, _| Err(open(DAMAGED_FORMAT, bytes).err().unwrap_or_else(|| damaged(DAMAGED_FORMAT)).into()),
};

const DAMAGED_FORMAT: &str = "a ZIP archive";

/// Its other tables, and what their rows are counted as.
const BESIDE_CREDENTIALS: [(&str, &str); 6] = [
    ("securenotes.csv", "secure notes"),
    ("payments.csv", "cards"),
    ("ids.csv", "identities"),
    ("personalInfo.csv", "identities"),
    ("wifi.csv", "Wi-Fi passwords"),
    ("passkeys.csv", "passkeys"),
];

fn read_dashlane(bytes: &[u8], _: FilePassword<'_>, found: &mut dyn Found) -> Result<(), Stop> {
    tables::read_dashlane(unpack(DASHLANE_FORMAT, bytes, "credentials.csv")?.bytes(), found)?;
    for (name, what) in BESIDE_CREDENTIALS {
        if place_of(&open(DASHLANE_FORMAT, bytes)?, name).is_some() {
            count(found, what, rows_below_head(DASHLANE_FORMAT, unpack(DASHLANE_FORMAT, bytes, name)?.bytes())?);
        }
    }
    Ok(())
}

const ONE_PUX_FORMAT: &str = "an export (1PUX) of 1Password";
const PROTON_PASS_FORMAT: &str = "an export (ZIP) of Proton Pass";
const BITWARDEN_FORMAT: &str = "an export (ZIP) of Bitwarden";
const KEEPER_FORMAT: &str = "an export (ZIP) of Keeper";
const DASHLANE_FORMAT: &str = "an export (ZIP) of Dashlane";
const PROTON_PASS_DATA: &str = "Proton Pass/data.json";
const PROTON_PASS_ENCRYPTED: &str = "Proton Pass/data.pgp";

fn read_proton_pass(bytes: &[u8], _: FilePassword<'_>, found: &mut dyn Found) -> Result<(), Stop> {
    let archive = open(PROTON_PASS_FORMAT, bytes)?;
    if place_of(&archive, PROTON_PASS_DATA).is_none() {
        let reason = super::pgp::PROTON_REASON.to_owned();
        return Err(FileProblem::NotReadable { format: PROTON_PASS_FORMAT, reason }.into());
    }
    proton_pass::read(&unpack(PROTON_PASS_FORMAT, bytes, PROTON_PASS_DATA)?, found)
}

/// Whether the file is an archive with one of these files in it. A damaged one is known by their names, which stand in it
/// as they are.
fn has(sight: &Sight<'_>, names: &[&str]) -> bool {
    if !sight.begins_with(b"PK\x03\x04") {
        return false;
    }
    match open("an archive", sight.bytes()) {
        Ok(archive) => names.iter().any(|name| place_of(&archive, name).is_some()),
        Err(_) => names.iter().any(|name| begins_a_file(sight.bytes(), name)),
    }
}

/// Where a file of this name is: on the outside, or alone in the only folder that holds one, as an archive is that somebody has
/// unpacked and packed again.
fn place_of(archive: &Archive<'_>, name: &str) -> Option<usize> {
    archive.index_for_name(name).or_else(|| {
        let in_a_folder = |path: &str| {
            let folder = path.strip_suffix(name).and_then(|start| start.strip_suffix('/'));
            folder.is_some_and(|folder| !folder.is_empty() && !folder.contains('/') && folder != BESIDE_ON_A_MAC)
        };
        let names = archive.file_names().enumerate();
        let mut places = names.filter_map(|(place, path)| path.is_ok_and(|path| in_a_folder(&path)).then_some(place));
        places.next().filter(|_| places.next().is_none())
    })
}

/// What a Mac keeps beside each file that it packs.
const BESIDE_ON_A_MAC: &str = "__MACOSX";

type Archive<'b> = ZipArchive<Cursor<&'b [u8]>>;

/// Whether a file has this name: a header of 30 bytes stands before it (APPNOTE 4.3.7).
fn begins_a_file(bytes: &[u8], name: &str) -> bool {
    let starts = memchr::memmem::find_iter(bytes, name.as_bytes()).filter_map(|at| at.checked_sub(30));
    starts.take(MOST_FILES).any(|start| bytes.get(start..).is_some_and(|header| header.starts_with(b"PK\x03\x04")))
}

fn open<'b>(format: &'static str, bytes: &'b [u8]) -> Result<Archive<'b>, FileProblem> {
    // Each file takes one record of the directory, which begins so: counted before the directory is held.
    let files = memchr::memmem::find_iter(bytes, b"PK\x01\x02").take(MOST_FILES + 1).count();
    if files > MOST_FILES {
        let reason = format!("it holds more than {MOST_FILES} files: export it without attachments");
        return Err(FileProblem::NotReadable { format, reason });
    }
    ZipArchive::new(Cursor::new(bytes)).map_err(|_| damaged(format))
}

fn damaged(format: &'static str) -> FileProblem {
    FileProblem::Damaged { format, place: "the archive's directory, at its end".to_owned() }
}

/// One file of an archive.
fn unpack(format: &'static str, bytes: &[u8], name: &str) -> Result<Content<'static>, FileProblem> {
    let damaged = || FileProblem::Damaged { format, place: format!("the file {name} in it") };
    let refused = |reason: String| FileProblem::NotReadable { format, reason };
    let mut archive = open(format, bytes)?;
    let index = place_of(&archive, name).ok_or_else(damaged)?;
    let file = archive.by_index(index).map_err(|error| match error {
        ZipError::InvalidPassword | ZipError::UnsupportedArchive(ZipError::PASSWORD_REQUIRED) => {
            refused("the archive itself has a password: unpack it first, and import what is in it".to_owned())
        }
        _ => damaged(),
    })?;
    if !matches!(file.compression(), CompressionMethod::Stored | CompressionMethod::Deflated) {
        let reason = "it is packed in a way that is not supported: unpack it first, and import what is in it";
        return Err(refused(reason.to_owned()));
    }
    let (size, packed) = (file.size(), file.compressed_size());
    if size > MOST_BYTES || size > packed.saturating_mul(MOST_RATIO) {
        let most = MOST_BYTES >> 20;
        return Err(refused(format!(
            "the file {name} in it has {size} bytes, which were packed to {packed}: at most {most} MiB and {MOST_RATIO} times its \
             packed size are unpacked"
        )));
    }
    // As large as it says, so that it never grows and leaves a copy behind; what is larger than it says is damaged.
    let size = usize::try_from(size).map_err(|_| damaged())?;
    let mut text = Zeroizing::new(vec![0; size]);
    let mut file = file.take(MOST_BYTES);
    file.read_exact(&mut text).map_err(|_| damaged())?;
    // The sum of the whole is compared where the end is met.
    let mut beyond = [0];
    match file.read(&mut beyond) {
        Ok(0) => Ok(Content::Decrypted(Secret::from(std::mem::take(&mut *text)))),
        Ok(_) | Err(_) => Err(damaged()),
    }
}
