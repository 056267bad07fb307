use std::{cell::Cell, collections::BTreeMap, sync::Arc};

use countersign_otp::{
    Batches, MigrationPart, MissingParts, PasteError, Pasted, Setup, known_file, picture_format, read_qr_codes, uris,
};
use countersign_seal::Secret;

use crate::formats::{
    ColumnMapping, FilePassword, Found, Known, Stop, known, opened_by, read_by_mapping, recognise, utf16,
};
use crate::item::{Account, ImportRefusal, Item, SourceLocation};
use crate::problem::ReadError;

/// How much is taken at once.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ImportLimits {
    /// Bytes of one file.
    pub bytes: usize,
    /// Items in all.
    pub items: usize,
    /// Characters of a file's name.
    pub name: usize,
    /// Files that make a key of their password.
    pub encrypted: usize,
}

impl Default for ImportLimits {
    fn default() -> Self {
        // The dearest key that a file may ask for, Ente's, takes about five seconds of one core: ten are not quite a minute of
        // it, and nobody has as many authenticators and password managers.
        Self { bytes: 32 << 20, items: 100_000, name: 255, encrypted: 10 }
    }
}

/// Several files read into items, in any order.
pub struct Import {
    limits: ImportLimits,
    items: Vec<Item>,
    batches: Batches,
    left_out: BTreeMap<&'static str, usize>,
    /// Files that may still make a key.
    keys_left: usize,
}

impl Import {
    /// Nothing read yet.
    pub fn new(limits: ImportLimits) -> Self {
        Self {
            limits,
            items: Vec::new(),
            batches: Batches::new(),
            left_out: BTreeMap::new(),
            keys_left: limits.encrypted,
        }
    }

    /// Reads a file: a picture when its first bytes say so, another program's export where one of the formats knows it, text
    /// otherwise. What cannot be used becomes an item that says why; only limits stop the reading. `password` opens the file
    /// where it is encrypted; of such files no more are opened than [`ImportLimits::encrypted`], since each costs seconds.
    ///
    /// # Errors
    /// [`ReadError`]; what was read before stays.
    pub fn read(&mut self, name: &str, bytes: &[u8], password: Option<&Secret>) -> Result<(), ReadError> {
        let place = self.check(name, bytes)?;
        let before = self.items.len();
        let decoded = utf16::decoded(bytes);
        let bytes = decoded.as_ref().map_or(bytes, Secret::expose);
        if picture_format(bytes).is_some() {
            self.picture(&place, bytes)?;
        } else if let Some(known) = recognise(name, bytes).or_else(|| opened_by(bytes, password)) {
            self.known(known, &place, bytes, password)?;
        } else {
            match text_of(bytes) {
                Ok(text) => self.text(&place, text)?,
                Err(refusal) => self.refuse(place.clone(), refusal)?,
            }
        }
        if self.items.len() == before {
            self.refuse(place, ImportRefusal::Nothing)?;
        }
        Ok(())
    }

    /// Reads a file by one format's reader, whatever it looks like: for tests, in which recognition would keep files from most of
    /// them. `format` counts in [`readable_formats`](crate::readable_formats) from 0; beyond them nothing is read.
    ///
    /// # Errors
    /// [`ReadError`]; what was read before stays.
    #[doc(hidden)]
    pub fn read_as(
        &mut self,
        format: usize,
        name: &str,
        bytes: &[u8],
        password: Option<&Secret>,
    ) -> Result<(), ReadError> {
        let place = self.check(name, bytes)?;
        known(format).map_or(Ok(()), |known| self.known(known, &place, bytes, password))
    }

    /// Reads a table (CSV) by what a person says of its columns.
    ///
    /// # Errors
    /// [`ReadError`]; what was read before stays.
    pub fn read_table(&mut self, name: &str, bytes: &[u8], mapping: &ColumnMapping) -> Result<(), ReadError> {
        let place = self.check(name, bytes)?;
        let decoded = utf16::decoded(bytes);
        let bytes = decoded.as_ref().map_or(bytes, Secret::expose);
        self.format("a table (CSV)", &place, |file| read_by_mapping(bytes, mapping, file))
    }

    /// What was found, in the order in which it was read.
    pub fn items(&self) -> &[Item] {
        &self.items
    }

    /// The same, to use up.
    pub fn into_items(self) -> Vec<Item> {
        self.items
    }

    /// Parts of Google exports that were not among the files, in words.
    pub fn missing(&self) -> Vec<String> {
        self.batches.missing().iter().map(missing_words).collect()
    }

    /// What was in the files and is not imported, by its name in the plural, with how many there were.
    pub const fn left_out(&self) -> &BTreeMap<&'static str, usize> {
        &self.left_out
    }

    fn check(&self, name: &str, bytes: &[u8]) -> Result<SourceLocation, ReadError> {
        let length = name.chars().count();
        if length > self.limits.name {
            return Err(ReadError::LongName { length, most: self.limits.name });
        }
        if bytes.len() > self.limits.bytes {
            return Err(ReadError::TooLarge { file: name.to_owned(), bytes: bytes.len(), most: self.limits.bytes });
        }
        Ok(SourceLocation::file(Arc::from(name)))
    }

    /// Reads a file of a known format.
    fn known(
        &mut self,
        known: &Known,
        place: &SourceLocation,
        bytes: &[u8],
        password: Option<&Secret>,
    ) -> Result<(), ReadError> {
        let left = Cell::new(self.keys_left);
        let password = FilePassword::new(password, &left, self.limits.encrypted);
        let read = self.format(known.name, place, |file| (known.read)(bytes, password, file));
        self.keys_left = left.get();
        read
    }

    /// Takes what a format's reader finds.
    fn format(
        &mut self,
        name: &'static str,
        place: &SourceLocation,
        read: impl FnOnce(&mut OneFile<'_>) -> Result<(), Stop>,
    ) -> Result<(), ReadError> {
        let before = self.items.len();
        let left_out = self.left_out.clone();
        let mut file = OneFile { import: self, place: place.clone() };
        match read(&mut file) {
            Ok(()) if self.items.len() == before => self.refuse(place.clone(), ImportRefusal::NoAccount(name)),
            Ok(()) => Ok(()),
            Err(Stop::Limit(error)) => Err(error),
            Err(Stop::File(problem)) => {
                // Nothing of a file that is broken further on: half of it would be taken for the whole.
                self.items.truncate(before);
                self.left_out = left_out;
                self.refuse(place.clone(), problem.into())
            }
        }
    }

    fn text(&mut self, place: &SourceLocation, text: &str) -> Result<(), ReadError> {
        let mut foreign = 0;
        for found in uris(text) {
            let at = SourceLocation { line: Some(found.line), ..place.clone() };
            match found.outcome {
                Ok(Pasted::Setup(setup)) => self.take(at, *setup)?,
                Ok(Pasted::Migration(part)) => self.part(&at, part)?,
                Err(PasteError::Foreign) if foreign >= MAX_FOREIGN_LINES => foreign += 1,
                Err(error) => {
                    foreign += usize::from(error == PasteError::Foreign);
                    self.refuse(at, error.into())?;
                }
            }
        }
        match foreign.saturating_sub(MAX_FOREIGN_LINES) {
            0 => Ok(()),
            lines => self.refuse(place.clone(), ImportRefusal::MoreForeign { lines }),
        }
    }

    fn picture(&mut self, place: &SourceLocation, bytes: &[u8]) -> Result<(), ReadError> {
        let codes = match read_qr_codes(bytes) {
            Ok(codes) => codes,
            Err(error) => return self.refuse(place.clone(), error.into()),
        };
        let several = codes.len() > 1;
        for (number, code) in (1..).zip(codes) {
            let place = SourceLocation { code: several.then_some(number), ..place.clone() };
            let mut found_any = false;
            for found in uris(code.expose_text().unwrap_or_default()) {
                found_any = true;
                match found.outcome {
                    Ok(Pasted::Setup(setup)) => self.take(place.clone(), *setup)?,
                    Ok(Pasted::Migration(part)) => self.part(&place, part)?,
                    Err(PasteError::Foreign) => self.refuse(place.clone(), ImportRefusal::OtherCode)?,
                    Err(error) => self.refuse(place.clone(), error.into())?,
                }
            }
            if !found_any {
                self.refuse(place, ImportRefusal::OtherCode)?;
            }
        }
        Ok(())
    }

    /// A part that was seen before, as when a picture was chosen twice, brings nothing new.
    fn part(&mut self, place: &SourceLocation, part: MigrationPart) -> Result<(), ReadError> {
        if !self.batches.add(&part) {
            return Ok(());
        }
        for (number, entry) in (1..).zip(part.entries) {
            let place = SourceLocation { part: Some((part.part, part.parts)), entry: Some(number), ..place.clone() };
            match entry {
                Ok(setup) => self.take(place, setup)?,
                Err(error) => self.refuse(place, error.into())?,
            }
        }
        Ok(())
    }

    fn take(&mut self, place: SourceLocation, setup: Setup) -> Result<(), ReadError> {
        self.push(Item { place, outcome: Ok(setup.into()) })
    }

    fn refuse(&mut self, place: SourceLocation, refusal: ImportRefusal) -> Result<(), ReadError> {
        self.push(Item { place, outcome: Err(refusal) })
    }

    fn push(&mut self, item: Item) -> Result<(), ReadError> {
        if self.items.len() >= self.limits.items {
            return Err(ReadError::TooMany { file: item.place.file.to_string(), most: self.limits.items });
        }
        self.items.push(item);
        Ok(())
    }
}

/// What a format's reader gives what it finds to.
struct OneFile<'i> {
    import: &'i mut Import,
    place: SourceLocation,
}

impl Found for OneFile<'_> {
    fn entry(&mut self, entry: usize, outcome: Result<Account, ImportRefusal>) -> Result<(), ReadError> {
        let place = SourceLocation { entry: Some(entry), ..self.place.clone() };
        self.import.push(Item { place, outcome })
    }

    fn file_name(&self) -> &str {
        self.place.file_name()
    }

    fn left_out(&mut self, what: &'static str) {
        *self.import.left_out.entry(what).or_default() += 1;
    }
}

/// The file as text. One in UTF-16 has been decoded before, if it is whole.
fn text_of(bytes: &[u8]) -> Result<&str, ImportRefusal> {
    if let Some(what) = known_file(bytes) {
        return Err(ImportRefusal::OtherFile(what));
    }
    if matches!(bytes, [0xff, 0xfe, ..] | [0xfe, 0xff, ..]) {
        return Err(ImportRefusal::NeitherTextNorPicture);
    }
    if bytes.iter().take(4096).any(|byte| *byte == 0) {
        return Err(ImportRefusal::NeitherTextNorPicture);
    }
    std::str::from_utf8(bytes).map_err(|error| {
        let good = bytes.get(..error.valid_up_to()).unwrap_or_default();
        ImportRefusal::NotUtf8 { line: 1 + good.iter().filter(|byte| **byte == b'\n').count() }
    })
}

/// Foreign lines of one file that are told one by one; a file of another kind has nothing else.
const MAX_FOREIGN_LINES: usize = 20;

fn missing_words(missing: &MissingParts) -> String {
    let numbers: Vec<String> = missing.missing.iter().map(u32::to_string).collect();
    let (word, verb) = if numbers.len() == 1 { ("part", "is") } else { ("parts", "are") };
    format!("{word} {} of {} of the Google Authenticator export {verb} missing", numbers.join(", "), missing.parts)
}
