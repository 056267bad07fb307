//! What stands before a frame in a binary message.

/// The head of a frame, before its JPEG: sixteen bytes, little endian: `u8` 1, `u8` 0, `u16` 0, `u32` sequence, `u32` age,
/// `u16` width, `u16` height.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FrameHead {
    /// Which frame of this connection; `seen` names it.
    pub sequence: u32,
    /// How old it is when it is sent, in milliseconds.
    pub age_ms: u32,
    /// The driven page's width in CSS pixels.
    pub width: u16,
    /// The driven page's height in CSS pixels.
    pub height: u16,
}

impl FrameHead {
    /// In bytes.
    pub const LENGTH: usize = 16;
    /// The first byte of a binary message that is a frame.
    pub const KIND: u8 = 1;

    /// As it is sent.
    pub fn to_bytes(self) -> [u8; Self::LENGTH] {
        let mut bytes = [0; Self::LENGTH];
        bytes[0] = Self::KIND;
        bytes[4..8].copy_from_slice(&self.sequence.to_le_bytes());
        bytes[8..12].copy_from_slice(&self.age_ms.to_le_bytes());
        bytes[12..14].copy_from_slice(&self.width.to_le_bytes());
        bytes[14..16].copy_from_slice(&self.height.to_le_bytes());
        bytes
    }

    /// Reads a binary message: its head and its JPEG. `None` for any other kind, and for what is cut off.
    pub fn read(message: &[u8]) -> Option<(Self, &[u8])> {
        let (head, jpeg) = message.split_first_chunk::<{ Self::LENGTH }>()?;
        let [kind, _, _, _, a, b, c, d, e, f, g, h, w0, w1, h0, h1] = *head;
        let read = Self {
            sequence: u32::from_le_bytes([a, b, c, d]),
            age_ms: u32::from_le_bytes([e, f, g, h]),
            width: u16::from_le_bytes([w0, w1]),
            height: u16::from_le_bytes([h0, h1]),
        };
        (kind == Self::KIND && !jpeg.is_empty()).then_some((read, jpeg))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_head_is_read_as_it_was_written() {
        let head = FrameHead { sequence: 0x0102_0304, age_ms: 0xffff_fffe, width: 1280, height: 65_535 };
        let bytes = head.to_bytes();
        assert_eq!(bytes, [1, 0, 0, 0, 4, 3, 2, 1, 0xfe, 0xff, 0xff, 0xff, 0, 5, 0xff, 0xff]);
        let message = [&bytes[..], b"jpeg"].concat();
        assert_eq!(FrameHead::read(&message), Some((head, &b"jpeg"[..])));
        for length in 0..=FrameHead::LENGTH {
            assert_eq!(FrameHead::read(&message[..length]), None, "{length} bytes");
        }
        let mut other = message;
        other[0] = 2;
        assert_eq!(FrameHead::read(&other), None);
    }
}
