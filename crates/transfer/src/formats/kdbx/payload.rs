//! The encrypted part: opened, put together of its blocks, and unpacked.

use std::io::Read as _;

use countersign_seal::foreign::{KdbxCipher, KdbxKeys, KdbxStream};
use countersign_seal::{Secret, Sha256};
use flate2::read::GzDecoder;
use zeroize::Zeroizing;

use super::bytes::{Bytes, WITH_A_PASSWORD_ALONE, damaged, refused};
use super::header::FileHeader;
use crate::formats::FileProblem;

/// What is within.
pub(super) struct Payload {
    text: Secret,
    /// Where the document begins.
    from: usize,
    /// What opens single values of it.
    stream: KdbxStream,
}

impl Payload {
    /// Text in XML, where it begins, and what opens single values of it.
    pub(super) fn split(self) -> (Secret, usize, KdbxStream) {
        (self.text, self.from, self.stream)
    }
}

/// Bytes that are unpacked: attachments, of which a file holds no more than its own size, and text.
const MOST_BYTES: usize = 128 << 20;

/// Version 3: encrypted as a whole, with a digest for each block within.
pub(super) fn of_version_3(bytes: &[u8], header: &FileHeader, keys: &KdbxKeys) -> Result<Payload, FileProblem> {
    let encrypted = bytes.get(header.length..).unwrap_or_default();
    if encrypted.is_empty() || (header.cipher == KdbxCipher::Aes && encrypted.len() % 16 != 0) {
        return Err(damaged("its end, which is missing"));
    }
    let text = keys
        .open(header.cipher, &header.start, encrypted)
        .map_err(|_| FileProblem::WrongPassword(WITH_A_PASSWORD_ALONE))?;
    let blocks = text
        .expose()
        .strip_prefix(header.inner.begins_with.as_slice())
        .ok_or(FileProblem::WrongPassword(WITH_A_PASSWORD_ALONE))?;
    let mut rest = Bytes { rest: blocks };
    let mut whole = Zeroizing::new(Vec::with_capacity(blocks.len()));
    loop {
        let block = (|| {
            rest.take(4)?;
            Some((rest.take(32)?, rest.sized()?))
        })();
        let (digest, block) = block.ok_or_else(|| damaged("a block of its content, which ends in the middle"))?;
        if block.is_empty() {
            break;
        }
        if Sha256::of(block).bytes() != digest {
            return Err(damaged("a block of its content"));
        }
        whole.extend_from_slice(block);
    }
    let text = unpack(Secret::from(std::mem::take(&mut *whole)), header)?;
    let stream = stream(header.inner.stream, &header.inner.stream_key)?;
    Ok(Payload { text, from: 0, stream })
}

/// Version 4: a tag for the header and each block, encrypted within them, with a header of its own inside.
pub(super) fn of_version_4(bytes: &[u8], header: &FileHeader, keys: &KdbxKeys) -> Result<Payload, FileProblem> {
    let cut = || damaged("its end, which is missing");
    let mut rest = Bytes { rest: bytes.get(header.length..).unwrap_or_default() };
    let digest = rest.take(32).ok_or_else(cut)?;
    let own = bytes.get(..header.length).unwrap_or_default();
    if Sha256::of(own).bytes() != digest {
        return Err(damaged("its header"));
    }
    let tag = rest.take(32).ok_or_else(cut)?;
    if !keys.vouches_for_header(own, tag) {
        return Err(FileProblem::WrongPassword(WITH_A_PASSWORD_ALONE));
    }
    let mut encrypted = Vec::with_capacity(rest.rest.len());
    for index in 0.. {
        let (tag, block) = rest.take(32).zip(rest.sized()).ok_or_else(cut)?;
        if !keys.vouches_for_block(index, block, tag) {
            return Err(damaged("a block of its content"));
        }
        if block.is_empty() {
            break;
        }
        encrypted.extend_from_slice(block);
    }
    let text = keys.open(header.cipher, &header.start, &encrypted).map_err(|_| damaged("its content"))?;
    drop(encrypted);
    let text = unpack(text, header)?;
    let mut rest = Bytes { rest: text.expose() };
    let (mut number, mut key): (Option<u32>, &[u8]) = (None, &[]);
    loop {
        let (id, value) = rest.byte().zip(rest.sized()).ok_or_else(|| damaged("its inner header"))?;
        match id {
            0 => break,
            1 => number = <[u8; 4]>::try_from(value).ok().map(u32::from_le_bytes),
            2 => key = value,
            // Attachments, which the entries name.
            _ => {}
        }
    }
    let stream = stream(number.ok_or_else(|| damaged("its inner header's cipher"))?, key)?;
    let from = text.len() - rest.rest.len();
    Ok(Payload { text, from, stream })
}

fn stream(number: u32, key: &[u8]) -> Result<KdbxStream, FileProblem> {
    KdbxStream::of(number, key).ok_or_else(|| {
        refused("its passwords are encrypted in a way that is not supported: save it with a newer KeePass")
    })
}

/// What was packed with gzip (RFC 1952), whose last four bytes say how long it is: of that size from the start, so that nothing
/// grows and leaves a copy behind.
fn unpack(text: Secret, header: &FileHeader) -> Result<Secret, FileProblem> {
    if !header.is_packed {
        return Ok(text);
    }
    let wrong = || damaged("its content, which does not unpack");
    let size = text.expose().last_chunk::<4>().copied().map(u32::from_le_bytes).ok_or_else(wrong)?;
    let size = usize::try_from(size).map_err(|_| wrong())?;
    if size > MOST_BYTES {
        return Err(refused(&format!(
            "its content has {} MiB, and at most {} are unpacked: save it without attachments",
            size >> 20,
            MOST_BYTES >> 20
        )));
    }
    let mut unpacked = Zeroizing::new(vec![0; size]);
    let mut reader = GzDecoder::new(text.expose());
    reader.read_exact(&mut unpacked).map_err(|_| wrong())?;
    // The sum of the whole is compared where the end is met.
    let mut beyond = [0];
    match reader.read(&mut beyond) {
        Ok(0) => Ok(Secret::from(std::mem::take(&mut *unpacked))),
        Ok(_) | Err(_) => Err(wrong()),
    }
}

#[cfg(test)]
mod tests {
    use countersign_seal::Secret;
    use countersign_seal::foreign::{KdbxCipher, KdbxKdf};

    use super::unpack;
    use crate::formats::kdbx::header::{FileHeader, InnerOfVersion3, Version};

    fn header() -> FileHeader {
        FileHeader {
            version: Version::Four,
            length: 0,
            cipher: KdbxCipher::Aes,
            is_packed: true,
            master_seed: Vec::new(),
            start: Vec::new(),
            kdf: KdbxKdf::Aes { seed: [0; 32], rounds: 0 },
            inner: InnerOfVersion3::default(),
        }
    }

    /// `a text`, packed with gzip.
    const PACKED: [u8; 26] =
        [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 2, 3, 0x4b, 0x54, 0x28, 0x49, 0xad, 0x28, 1, 0, 131, 42, 100, 169, 6, 0, 0, 0];

    #[test]
    fn what_is_packed_has_the_size_that_it_says() {
        let open = |packed: &[u8]| unpack(Secret::from(packed), &header());
        assert_eq!(open(&PACKED).ok().unwrap().expose_text(), Some("a text"));
        for (size, message) in [
            (5u32, "does not unpack"),
            (7, "does not unpack"),
            (0, "does not unpack"),
            (u32::MAX, "its content has 4095 MiB, and at most 128 are unpacked"),
        ] {
            let mut packed = PACKED;
            packed[22..].copy_from_slice(&size.to_le_bytes());
            let problem = open(&packed).err().unwrap().to_string();
            assert!(problem.contains(message), "{size}: {problem}");
        }
        for length in 0..PACKED.len() {
            assert!(open(&PACKED[..length]).is_err(), "{length}");
        }
    }
}
