use std::fmt::Write as _;

use countersign_seal::Secret;
use fast_qr::{ECL, QRBuilder};
use image::codecs::png::PngEncoder;
use image::{ExtendedColorType, ImageEncoder as _};
use zeroize::Zeroizing;

/// Why a text cannot be written as a QR code.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum QrWriteError {
    /// More than the largest code holds.
    #[error("the text is too long for a QR code: {bytes} bytes, at most about 2,300 fit; shorten the label")]
    TooLong {
        /// Its length.
        bytes: usize,
    },
}

/// An SVG picture of `text` as a QR code with its white border of four modules (ISO/IEC 18004 §6.3.8), black on white
/// in every theme, with `title` as its accessible name. It is a [`Secret`] because whoever sees it has the text.
///
/// It has neither a size, which the page gives, nor styles or scripts, which a strict content policy would refuse.
pub fn qr_svg(text: &str, title: &str) -> Result<Secret, QrWriteError> {
    let code = QRBuilder::new(text).ecl(ECL::M).build().map_err(|_| QrWriteError::TooLong { bytes: text.len() })?;
    let side = code.size + 2 * BORDER;
    let mut svg = String::with_capacity(code.size * code.size * 5 + 6 * title.len() + 300);
    svg.push_str(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" role=\"img\" shape-rendering=\"crispEdges\" viewBox=\"0 0 ",
    );
    // Writing into a String cannot fail.
    let _ = write!(svg, "{side} {side}\"><title>");
    escape(title, &mut svg);
    let _ = write!(svg, "</title><path fill=\"#fff\" d=\"M0 0h{side}v{side}H0z\"/><path fill=\"#000\" d=\"");
    for y in 0..code.size {
        let row = &code[y];
        let mut x = 0;
        while x < code.size {
            let run = row.iter().skip(x).take_while(|module| module.value()).count();
            if run > 0 {
                let _ = write!(svg, "M{} {}h{run}v1h-{run}z", x + BORDER, y + BORDER);
            }
            x += run.max(1);
        }
    }
    svg.push_str("\"/></svg>");
    Ok(Secret::from(svg))
}

/// The same as a PNG picture for printing and for phones, of four points a module. Of the lower level of correction,
/// which holds more in larger modules: what is shown on a screen has no damaged places.
///
/// The picture itself never grows out of its buffer; what the libraries keep meanwhile is theirs.
pub fn qr_png(text: &str) -> Result<Secret, QrWriteError> {
    let too_long = || QrWriteError::TooLong { bytes: text.len() };
    let code = QRBuilder::new(text).ecl(ECL::L).build().map_err(|_| too_long())?;
    let side = (code.size + 2 * BORDER) * PNG_SCALE;
    let mut points = Zeroizing::new(Vec::with_capacity(side * side));
    for y in 0..side {
        let row = (y / PNG_SCALE).checked_sub(BORDER).filter(|y| *y < code.size).map(|y| &code[y]);
        points.extend((0..side).map(|x| {
            let module = (x / PNG_SCALE).checked_sub(BORDER).and_then(|x| row?.get(x));
            if module.is_some_and(|module| module.value()) { 0u8 } else { 255 }
        }));
    }
    let side = u32::try_from(side).map_err(|_| too_long())?;
    let mut picture = Zeroizing::new(Vec::with_capacity(points.len() + 4096));
    PngEncoder::new(&mut *picture).write_image(&points, side, side, ExtendedColorType::L8).map_err(|_| too_long())?;
    Ok(Secret::from(std::mem::take(&mut *picture)))
}

fn escape(text: &str, into: &mut String) {
    for character in text.chars() {
        match character {
            '&' => into.push_str("&amp;"),
            '<' => into.push_str("&lt;"),
            '>' => into.push_str("&gt;"),
            '"' => into.push_str("&quot;"),
            '\'' => into.push_str("&#39;"),
            c if c.is_control() => into.push(' '),
            c => into.push(c),
        }
    }
}

const BORDER: usize = 4;

/// Points of a picture on each side of a module.
const PNG_SCALE: usize = 4;
