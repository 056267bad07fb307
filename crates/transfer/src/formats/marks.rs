//! First bytes by which files of many kinds are known that are none of accounts. What bears no mark at all is tried as an
//! encrypted backup; what bears one of these is not.

use countersign_otp::{known_file, picture_format};

/// Whether a file begins like one of another kind.
pub(crate) fn has_foreign_mark(bytes: &[u8]) -> bool {
    known_file(bytes).is_some()
        || picture_format(bytes).is_some()
        || MARKS.iter().any(|mark| bytes.starts_with(mark))
        || MARKS_BEHIND.iter().any(|(at, mark)| bytes.get(*at..).is_some_and(|rest| rest.starts_with(mark)))
}

const MARKS: &[&[u8]] = &[
    // Programs and libraries.
    b"\x7fELF",
    b"MZ",
    b"\xfe\xed\xfa\xce",
    b"\xfe\xed\xfa\xcf",
    b"\xce\xfa\xed\xfe",
    b"\xcf\xfa\xed\xfe",
    b"\xca\xfe\xba\xbe",
    b"\0asm",
    b"dex\n",
    b"!<arch>",
    // What is packed.
    b"PK",
    b"BZh",
    b"\xfd7zXZ\0",
    b"\x28\xb5\x2f\xfd",
    b"\x04\x22\x4d\x18",
    b"\x5d\0\0",
    b"\x1f\x9d",
    b"\x1f\xa0",
    b"LZIP",
    b"MSCF",
    b"xar!",
    b"\xed\xab\xee\xdb",
    b"hsqs",
    // What is encrypted by other programs.
    b"Salted__",
    b"AES\x01",
    b"AES\x02",
    b"AES\x03",
    b"age-encryption.org/",
    b"LUKS\xba\xbe",
    b"-FVE-FS-",
    b"\x8c\x0d\x04",
    b"\x85\x01",
    b"\x85\x02",
    b"\x84\x8c\x03",
    // Keys and certificates in DER (X.690 §8.1): a sequence whose length takes two bytes.
    b"\x30\x82",
    b"\xac\xed\0\x05",
    b"\xfe\xed\xfe\xed",
    // Pictures, sound, films and fonts.
    b"\xff\xd8\xff",
    b"\x89PNG",
    b"\x8aMNG",
    b"8BPS",
    b"\xff\x0a",
    b"\0\0\0\x0cJXL ",
    b"\0\0\0\x0cjP  ",
    b"\0\0\x01\0",
    b"icns",
    b"RIFF",
    b"OggS",
    b"fLaC",
    b"ID3",
    b"\xff\xfb",
    b"\xff\xf3",
    b"\xff\xf1",
    b"\xff\xf9",
    b"MThd",
    b"FLV\x01",
    b"\x1a\x45\xdf\xa3",
    b"\0\0\x01\xba",
    b"\0\0\x01\xb3",
    b"\x30\x26\xb2\x75",
    b"wOFF",
    b"wOF2",
    b"\0\x01\0\0\0",
    b"OTTO",
    // Documents, databases and disks.
    b"\xd0\xcf\x11\xe0",
    b"AT&TFORM",
    b"{\\rtf",
    b"%!PS",
    b"\x89HDF",
    b"PAR1",
    b"\0\x01\0\0Standard",
    b"QFI\xfb",
    b"KDMV",
    b"conectix",
    b"vhdxfile",
    b"\xd4\xc3\xb2\xa1",
    b"\xa1\xb2\xc3\xd4",
    b"\x0a\x0d\x0d\x0a",
    b"PACK\0",
    b"DIRC",
];

/// Those that stand further on.
const MARKS_BEHIND: &[(usize, &[u8])] =
    &[(257, b"ustar"), (32_769, b"CD001"), (510, b"\x55\xaa"), (1080, b"\x53\xef"), (4086, b"SWAPSPACE2")];

#[cfg(test)]
mod tests {
    use super::{MARKS, has_foreign_mark};

    #[test]
    fn a_mark_is_known_in_its_place_alone() {
        for mark in MARKS {
            assert!(has_foreign_mark(&[mark, &b"\x9b\x48\x45\xa6 the rest"[..]].concat()), "{mark:?}");
        }
        let mut archive = vec![0x9b; 600];
        archive[257..262].copy_from_slice(b"ustar");
        assert!(has_foreign_mark(&archive));
        archive[258] = b'S';
        assert!(!has_foreign_mark(&archive));
        assert!(!has_foreign_mark(b"\x9b\x48\x45\xa6PK\x03\x04"));
        assert!(!has_foreign_mark(b""));
    }
}
