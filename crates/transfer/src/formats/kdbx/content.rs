//! The document within: groups with entries with texts, some of them encrypted once more. Read as it comes, never by
//! recursion, and no further than it is used.

use countersign_seal::foreign::KdbxStream;
use data_encoding::BASE64;
use quick_xml::Reader;
use quick_xml::events::{BytesRef, BytesStart, Event};
use zeroize::Zeroizing;

use super::bytes::{damaged, refused};
use super::entry::give_all;
use super::tree::{Entry, Group};
use crate::formats::{FileProblem, Found, Hidden, Stop};

/// Elements within each other; a group takes one.
const MOST_DEPTH: usize = 256;

/// Entries, and groups, that are kept: twice what is imported at once.
const MOST_ENTRIES: usize = 200_000;

/// Elements that are looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Tag {
    Group,
    Entry,
    History,
    Text,
    Binary,
    Key,
    Value,
    Name,
    Uuid,
    Tags,
    RecycleBin,
    RecycleBinEnabled,
    Other,
}

impl Tag {
    fn named(name: &[u8]) -> Self {
        match name {
            b"Group" => Self::Group,
            b"Entry" => Self::Entry,
            b"History" => Self::History,
            b"String" => Self::Text,
            b"Binary" => Self::Binary,
            b"Key" => Self::Key,
            b"Value" => Self::Value,
            b"Name" => Self::Name,
            b"UUID" => Self::Uuid,
            b"Tags" => Self::Tags,
            b"RecycleBinUUID" => Self::RecycleBin,
            b"RecycleBinEnabled" => Self::RecycleBinEnabled,
            _ => Self::Other,
        }
    }
}

/// Reads the whole document and gives its entries.
pub(super) fn read(document: &[u8], stream: KdbxStream, found: &mut dyn Found) -> Result<(), Stop> {
    let mut reader = Reader::from_reader(document);
    reader.config_mut().expand_empty_elements = true;
    let mut walk = Walk::new(stream);
    loop {
        let event =
            reader.read_event().map_err(|_| damaged(&format!("byte {} of its document", reader.error_position())))?;
        match event {
            Event::Start(start) => walk.open(&start)?,
            Event::End(_) => walk.close()?,
            Event::Text(text) => walk.add(&text)?,
            Event::CData(text) => walk.add(&text)?,
            Event::GeneralRef(reference) => walk.add_reference(&reference)?,
            Event::DocType(_) => return Err(damaged("its document, which defines names of its own").into()),
            Event::Eof => break,
            _ => {}
        }
    }
    if !walk.stack.is_empty() || walk.groups.is_empty() {
        return Err(damaged("the end of its document, which is missing").into());
    }
    Ok(give_all(&walk.entries, &walk.groups, found)?)
}

struct Walk {
    stream: KdbxStream,
    stack: Vec<Tag>,
    /// The text of the element that was opened last.
    text: Zeroizing<String>,
    is_protected: bool,
    /// All groups, and the one that is open.
    groups: Vec<Group>,
    group: Option<usize>,
    recycle_bin: Option<[u8; 16]>,
    recycle_bin_enabled: bool,
    /// How many histories are open: what is in them is passed over.
    histories: usize,
    entry: Option<Entry>,
    key: String,
    value: Option<Hidden>,
    entries: Vec<Entry>,
}

impl Walk {
    fn new(stream: KdbxStream) -> Self {
        Self {
            stream,
            stack: Vec::new(),
            text: Zeroizing::default(),
            is_protected: false,
            groups: Vec::new(),
            group: None,
            recycle_bin: None,
            recycle_bin_enabled: true,
            histories: 0,
            entry: None,
            key: String::new(),
            value: None,
            entries: Vec::new(),
        }
    }

    fn open(&mut self, start: &BytesStart<'_>) -> Result<(), FileProblem> {
        if self.stack.len() >= MOST_DEPTH {
            return Err(damaged(&format!("its groups, which are more than {MOST_DEPTH} deep")));
        }
        if self.entries.len().max(self.groups.len()) > MOST_ENTRIES {
            return Err(refused(&format!("it has more than {MOST_ENTRIES} entries or groups: save it in parts")));
        }
        // Nobody can say how much of the stream the outer one takes.
        if std::mem::take(&mut self.is_protected) {
            return Err(damaged("an encrypted value of its document, which holds elements"));
        }
        let tag = Tag::named(start.name().as_ref());
        let attribute = |name| start.try_get_attribute(name).map_err(|_| damaged("an attribute of its document"));
        let protected = attribute("Protected")?;
        self.is_protected = protected.is_some_and(|attribute| attribute.value.eq_ignore_ascii_case(b"true"));
        // KeePass takes nothing of the stream for one that it finds, and as much as there is for one that it does not.
        if self.is_protected && attribute("Ref")?.is_some() {
            return Err(damaged("an encrypted value of its document, which refers to another"));
        }
        self.text = Zeroizing::default();
        match tag {
            Tag::Group => {
                self.groups.push(Group { around: self.group, ..Group::default() });
                self.group = Some(self.groups.len() - 1);
            }
            Tag::History => self.histories += 1,
            Tag::Entry if self.histories == 0 => self.entry = Some(Entry { group: self.group, ..Entry::default() }),
            Tag::Text => {
                self.key.clear();
                self.value = None;
            }
            _ => {}
        }
        self.stack.push(tag);
        Ok(())
    }

    fn add(&mut self, text: &[u8]) -> Result<(), FileProblem> {
        let text = std::str::from_utf8(text).map_err(|_| damaged("its document, which is not in UTF-8"))?;
        self.text.reserve_exact(text.len());
        self.text.push_str(text);
        Ok(())
    }

    /// `&lt;` and its like; a document has no names of its own.
    fn add_reference(&mut self, reference: &BytesRef<'_>) -> Result<(), FileProblem> {
        let unknown = || damaged("a character of its document that is written by a name");
        let character = match &reference[..] {
            b"lt" => '<',
            b"gt" => '>',
            b"amp" => '&',
            b"apos" => '\'',
            b"quot" => '"',
            _ => reference.resolve_char_ref().ok().flatten().ok_or_else(unknown)?,
        };
        self.text.push(character);
        Ok(())
    }

    fn close(&mut self) -> Result<(), FileProblem> {
        let tag = self.stack.pop().unwrap_or(Tag::Other);
        let around = self.stack.last().copied().unwrap_or(Tag::Other);
        let text = self.take_text()?;
        match (tag, around) {
            (Tag::RecycleBin, _) => self.recycle_bin = uuid(&text),
            (Tag::RecycleBinEnabled, _) => self.recycle_bin_enabled = !text.as_str().eq_ignore_ascii_case("false"),
            (Tag::Name, Tag::Group) => {
                if let Some(group) = self.group.and_then(|group| self.groups.get_mut(group)) {
                    text.as_str().clone_into(&mut group.name);
                }
            }
            (Tag::Uuid, Tag::Group) => {
                let is_bin = self.recycle_bin_enabled && self.recycle_bin.is_some() && uuid(&text) == self.recycle_bin;
                if let Some(group) = self.group.and_then(|group| self.groups.get_mut(group)) {
                    group.is_recycle_bin = is_bin;
                }
            }
            (Tag::Group, _) => self.group = self.group.and_then(|group| self.groups.get(group)?.around),
            (Tag::History, _) => self.histories = self.histories.saturating_sub(1),
            (Tag::Key, Tag::Text) => text.as_str().clone_into(&mut self.key),
            (Tag::Value, Tag::Text) => self.value = Some(text),
            _ if self.histories > 0 => {}
            (Tag::Entry, _) => self.entries.extend(self.entry.take()),
            _ => self.close_field(tag, around, &text),
        }
        Ok(())
    }

    /// A field of the entry that is open.
    fn close_field(&mut self, tag: Tag, around: Tag, text: &Hidden) {
        let (Some(entry), Tag::Entry) = (&mut self.entry, around) else { return };
        match tag {
            Tag::Text => {
                if let Some(value) = self.value.take() {
                    entry.texts.push((std::mem::take(&mut self.key), value));
                }
            }
            Tag::Binary => entry.attachments += 1,
            Tag::Uuid => entry.uuid = uuid(text),
            Tag::Tags => text.as_str().clone_into(&mut entry.tags),
            _ => {}
        }
    }

    /// The text of the element that closes, opened where it is encrypted.
    ///
    /// All values share one stream, and each takes as many bytes of it as it has, in the order of the document: KeePass's reader
    /// (`KdbxFile.Read.Streamed.cs`) takes them in `ProcessNode`, through which the text of every element goes that is marked
    /// `Protected="True"`; so do attachments of version 3 in `Meta/Binaries` (`ReadProtectedBinary`), what lies in histories, and
    /// elements that it does not know (`ReadUnknown`). Therefore each is opened here, used or not; an empty one takes nothing.
    fn take_text(&mut self) -> Result<Hidden, FileProblem> {
        let text = std::mem::take(&mut *self.text);
        if !std::mem::take(&mut self.is_protected) || text.is_empty() {
            return Ok(Hidden::from(text));
        }
        let wrong = || damaged("an encrypted value of its document");
        let mut value = Zeroizing::new(BASE64.decode(text.trim().as_bytes()).map_err(|_| wrong())?);
        self.stream.open(&mut value).map_err(|_| wrong())?;
        // An attachment of version 3 is no text, and is not used.
        Ok(Hidden::from(String::from_utf8(std::mem::take(&mut *value)).unwrap_or_default()))
    }
}

/// An id as the document has it: 16 bytes in base64, zeroes for none.
fn uuid(text: &Hidden) -> Option<[u8; 16]> {
    let bytes = BASE64.decode(text.as_str().trim().as_bytes()).ok()?;
    <[u8; 16]>::try_from(bytes).ok().filter(|uuid| *uuid != [0; 16])
}

#[cfg(test)]
mod tests {
    use countersign_seal::foreign::KdbxStream;
    use data_encoding::BASE64;

    use super::read;
    use crate::formats::{Found, Stop};
    use crate::item::{Account, ImportRefusal};

    /// Names and passwords.
    #[derive(Default)]
    struct Passwords(Vec<String>);

    impl Found for Passwords {
        fn entry(&mut self, _: usize, outcome: Result<Account, ImportRefusal>) -> Result<(), crate::ReadError> {
            let account = outcome.unwrap();
            let password = account.password.as_ref().and_then(|password| password.expose_text()).unwrap_or("-");
            self.0.push(format!("{} {password}", account.name));
            Ok(())
        }

        fn left_out(&mut self, _: &'static str) {}
    }

    fn problem(document: &str) -> String {
        match read(document.as_bytes(), KdbxStream::Plain, &mut Passwords::default()) {
            Ok(()) => String::new(),
            Err(Stop::File(problem)) => problem.to_string(),
            Err(Stop::Limit(error)) => error.to_string(),
        }
    }

    /// A document in which each `{text}` is encrypted, one after another; `{bytes}` are no text.
    fn encrypted(document: &str, mut stream: KdbxStream) -> String {
        let mut pieces = document.split(['{', '}']);
        let mut written = pieces.next().unwrap().to_owned();
        while let Some((text, after)) = pieces.next().zip(pieces.next()) {
            let mut value = if text == "bytes" { vec![0xff; 300] } else { text.as_bytes().to_vec() };
            // What encrypts by the same stream decrypts.
            stream.open(&mut value).unwrap();
            written += &BASE64.encode(&value);
            written += after;
        }
        written
    }

    /// Also those that nobody uses: an attachment in front of everything, a history, an element of another program.
    #[test]
    fn every_encrypted_value_takes_its_part_of_the_stream() {
        let document = r#"<KeePassFile><Meta><Binaries><Binary ID="0" Protected="True">{bytes}</Binary>
            <Binary ID="1" Compressed="True">AAAA</Binary></Binaries>
            <CustomData><Item><Key>a</Key><Value Protected="True">{of another program}</Value></Item></CustomData></Meta>
            <Root><Group><Own><Deep Protected="True">{deep}</Deep></Own><Entry>
            <String><Key>Title</Key><Value>First</Value></String>
            <String><Key>Notes</Key><Value Protected="True"></Value></String>
            <String><Key>UserName</Key><Value Protected="True"/></String>
            <String><Key>Password</Key><Value Protected="True">{s3cret-one}</Value></String>
            <Binary><Key>a.bin</Key><Value Ref="0"/></Binary>
            <Binary><Key>b.bin</Key><Value Protected="True">{bytes}</Value></Binary>
            <History><Entry><String><Key>Password</Key><Value Protected="True">{earlier}</Value></String></Entry></History>
            </Entry><Entry><String><Key>Password</Key><Value Protected="True">{s3cret-two}</Value></String>
            <String><Key Protected="True">{Title}</Key><Value Protected="False">Second</Value></String></Entry>
            </Group></Root></KeePassFile>"#;
        for number in [2, 3] {
            let stream = || KdbxStream::of(number, b"0123456789abcdef0123456789abcdef").unwrap();
            let mut found = Passwords::default();
            read(encrypted(document, stream()).as_bytes(), stream(), &mut found).unwrap();
            assert_eq!(found.0, ["First s3cret-one", "Second s3cret-two"], "{number}");
        }
    }

    #[test]
    fn a_document_is_refused_with_its_place() {
        let entries = "<Entry/>".repeat(200_002);
        for (document, message) in [
            (
                format!("<KeePassFile><Root><Group>{entries}</Group></Root></KeePassFile>"),
                "it has more than 200000 entries",
            ),
            (
                format!("<KeePassFile>{}", "<Group></Group>".repeat(200_002)),
                "it has more than 200000 entries or groups",
            ),
            ("<!DOCTYPE a [<!ENTITY b \"c\">]><KeePassFile/>".to_owned(), "which defines names of its own"),
            ("<KeePassFile><Group><Name>&b;</Name></Group></KeePassFile>".to_owned(), "a character of its document"),
            ("<KeePassFile><Group></Root></KeePassFile>".to_owned(), "of its document"),
            ("<KeePassFile><Group>".to_owned(), "the end of its document, which is missing"),
            ("<KeePassFile></KeePassFile>".to_owned(), "the end of its document, which is missing"),
            (
                "<KeePassFile><Group><Name Protected=\"True\">no base64</Name></Group></KeePassFile>".to_owned(),
                "an encrypted value of its document",
            ),
            (
                "<KeePassFile><Group><Name Protected=\"True\">YQ==<Other/></Name></Group></KeePassFile>".to_owned(),
                "an encrypted value of its document, which holds elements",
            ),
            (
                "<KeePassFile><Group><Name Ref=\"0\" Protected=\"True\">YQ==</Name></Group></KeePassFile>".to_owned(),
                "an encrypted value of its document, which refers to another",
            ),
            ("<KeePassFile><Group><Name>a&#x62;c&amp;</Name></Group></KeePassFile>".to_owned(), ""),
        ] {
            let told = problem(&document);
            assert!(told.contains(message) && told.is_empty() == message.is_empty(), "{message}: {told}");
        }
    }

    /// With everything in it that is looked at.
    const WHOLE: &str = r#"<?xml version="1.0"?><KeePassFile><Meta><RecycleBinEnabled>True</RecycleBinEnabled>
        <RecycleBinUUID>AQEBAQEBAQEBAQEBAQEBAQ==</RecycleBinUUID><Binaries><Binary ID="0">YQ==</Binary></Binaries></Meta><Root>
        <Group><UUID>AgICAgICAgICAgICAgICAg==</UUID><Name>Root</Name><Entry><UUID>AwMDAwMDAwMDAwMDAwMDAw==</UUID>
        <Tags>a;b,c</Tags><String><Key>Title</Key><Value>A &amp; B &#x62;</Value></String><String><Key>UserName</Key>
        <Value>{REF:U@I:04040404040404040404040404040404}</Value></String><String><Key>Password</Key>
        <Value Protected="False">s3cret</Value></String><String><Key>otp</Key><Value>key=JBSWY3DPEHPK3PXP&amp;step=60</Value></String>
        <Binary><Key>a</Key><Value Ref="0"/></Binary><History><Entry/></History></Entry><Entry><UUID>BAQEBAQEBAQEBAQEBAQEBA==</UUID>
        <String><Key>TimeOtp-Secret-Hex</Key><Value>00ff</Value></String><String><Key>TOTP Settings</Key><Value>30;S</Value></String>
        </Entry><Group><UUID>AQEBAQEBAQEBAQEBAQEBAQ==</UUID><Name>Bin</Name><Entry/></Group></Group><DeletedObjects/></Root>
        </KeePassFile>"#;

    /// Takes whatever comes.
    struct Anything;

    impl Found for Anything {
        fn entry(&mut self, _: usize, _: Result<Account, ImportRefusal>) -> Result<(), crate::ReadError> {
            Ok(())
        }

        fn left_out(&mut self, _: &'static str) {}
    }

    proptest::proptest! {
        #[test]
        fn any_change_of_a_document_is_read_without_a_panic(
            changes in proptest::collection::vec((0..WHOLE.len(), proptest::prelude::any::<u8>()), 0..6),
            cut in proptest::option::of(0..WHOLE.len()),
        ) {
            let mut document = WHOLE.as_bytes().to_vec();
            for (at, byte) in changes {
                document[at] = byte;
            }
            document.truncate(cut.unwrap_or(document.len()));
            let _ = read(&document, KdbxStream::Plain, &mut Anything);
        }
    }
}
