use std::panic::{AssertUnwindSafe, catch_unwind};

use countersign_seal::Secret;
use image::imageops::{FilterType, resize};
use image::{DynamicImage, GrayImage, ImageDecoder as _, ImageFormat, ImageReader, Limits};

use crate::qr_corners::corners;
use crate::qr_geometry::Point;
use crate::qr_locate::{Seen, locate};

/// Pictures that can be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PictureFormat {
    /// PNG.
    Png,
    /// JPEG.
    Jpeg,
    /// WebP.
    WebP,
}

/// Why no text came out of a picture.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum QrReadError {
    /// More bytes than a photograph has.
    #[error(
        "the image is too large: {bytes} bytes, at most {MAX_BYTES} are taken; cut out the QR code, or save it as PNG"
    )]
    TooManyBytes {
        /// Its size.
        bytes: usize,
    },
    /// More pixels than a photograph has; it was not decoded.
    #[error(
        "the image is too large: {width} × {height} pixels, at most {MAX_PIXELS} in all are taken; scale it down or cut out the QR code"
    )]
    TooManyPixels {
        /// Pixels across.
        width: u32,
        /// Pixels down.
        height: u32,
    },
    /// Another kind of file.
    #[error("this is no PNG, JPEG or WebP image{}: save the QR code as one of these, or take a screenshot of it", .0.map(|what| format!(" but {what}")).unwrap_or_default())]
    NotAPicture(Option<&'static str>),
    /// A picture that breaks off or is damaged.
    #[error("the image is damaged or cut off: save or send it again")]
    Damaged,
    /// A picture in which no QR code was recognised.
    #[error(
        "no QR code was found in the image: the whole code must be in it, with its white border, sharp and from \
         straight ahead; a screenshot is best"
    )]
    NoQr,
    /// A QR code was recognised and could not be read.
    #[error(
        "there is a QR code in the image, but it cannot be read: take it sharper, larger and without reflections, \
         or a screenshot of it"
    )]
    Unreadable,
}

/// The most bytes of a picture: a photograph of a good telephone.
pub(crate) const MAX_BYTES: usize = 16 * 1024 * 1024;

/// The most pixels of a picture, looked at before any is decoded.
pub(crate) const MAX_PIXELS: u64 = 32_000_000;

/// The texts of all QR codes in a PNG, JPEG or WebP picture, each once.
///
/// The picture is searched at several sizes, as it is and inverted, because screens show codes in both ways and
/// photographs are often too large or too grainy. One with transparent parts is laid over white, then over black,
/// because the page it comes from may have been either. Where no code shows, it is searched again with its dark parts
/// made fatter, so that modules drawn as dots touch. The texts are [`Secret`]: they hold seeds.
pub fn read_qr_codes(bytes: &[u8]) -> Result<Vec<Secret>, QrReadError> {
    if bytes.len() > MAX_BYTES {
        return Err(QrReadError::TooManyBytes { bytes: bytes.len() });
    }
    let format = picture_format(bytes).ok_or_else(|| QrReadError::NotAPicture(known_file(bytes)))?;
    let pictures = decode(bytes, format)?;
    let mut whole = Look::default();
    for grey in &pictures {
        whole.add(look_at(grey));
    }
    if whole.texts.is_empty() {
        for grey in &pictures {
            whole.add(look_for_dots(grey));
        }
    }
    match whole {
        Look { texts, .. } if !texts.is_empty() => Ok(texts),
        Look { unread: 0, .. } => Err(QrReadError::NoQr),
        Look { .. } => Err(QrReadError::Unreadable),
    }
}

/// The kind of picture by its first bytes, or `None` when it is none that can be read.
pub fn picture_format(bytes: &[u8]) -> Option<PictureFormat> {
    match bytes {
        [0x89, b'P', b'N', b'G', ..] => Some(PictureFormat::Png),
        [0xff, 0xd8, 0xff, ..] => Some(PictureFormat::Jpeg),
        [b'R', b'I', b'F', b'F', _, _, _, _, b'W', b'E', b'B', b'P', ..] => Some(PictureFormat::WebP),
        _ => None,
    }
}

/// What a file is that is neither a picture to read nor text, by its first bytes, so that a message can say it.
pub fn known_file(bytes: &[u8]) -> Option<&'static str> {
    let starts: [(&[u8], &str); 14] = [
        (b"GIF8", "a GIF image"),
        (b"BM", "a BMP image"),
        (b"II*\0", "a TIFF image"),
        (b"MM\0*", "a TIFF image"),
        (b"<svg", "an SVG image"),
        (b"<?xml", "an XML file"),
        (b"%PDF", "a PDF"),
        (b"PK\x03\x04", "a ZIP archive or an office document"),
        (b"\x1f\x8b", "a GZIP archive"),
        (b"7z\xbc\xaf\x27\x1c", "a 7-Zip archive"),
        (b"Rar!", "a RAR archive"),
        (b"SQLite format 3\0", "an SQLite database"),
        (b"\x03\xd9\xa2\x9a", "a KeePass database"),
        (b"-----BEGIN PGP", "a file encrypted with PGP"),
    ];
    if bytes.get(4..8) == Some(b"ftyp") {
        return Some("a HEIC or AVIF image, or a film");
    }
    starts.into_iter().find_map(|(start, what)| bytes.starts_with(start).then_some(what))
}

/// Grey pixels; over white and over black where some are transparent.
fn decode(bytes: &[u8], format: PictureFormat) -> Result<Vec<GrayImage>, QrReadError> {
    let format = match format {
        PictureFormat::Png => ImageFormat::Png,
        PictureFormat::Jpeg => ImageFormat::Jpeg,
        PictureFormat::WebP => ImageFormat::WebP,
    };
    let reader = ImageReader::with_format(std::io::Cursor::new(bytes), format);
    let mut decoder = reader.into_decoder().map_err(|_| QrReadError::Damaged)?;
    let (width, height) = decoder.dimensions();
    if u64::from(width) * u64::from(height) > MAX_PIXELS {
        return Err(QrReadError::TooManyPixels { width, height });
    }
    let mut limits = Limits::no_limits();
    // Eight bytes a pixel are the most that these formats have, and as much again for the decoder's own rows.
    limits.max_alloc = Some(MAX_PIXELS * 16);
    decoder.set_limits(limits).map_err(|_| QrReadError::TooManyPixels { width, height })?;
    let picture = DynamicImage::from_decoder(decoder).map_err(|_| QrReadError::Damaged)?;
    if width == 0 || height == 0 {
        return Err(QrReadError::NoQr);
    }
    if !picture.color().has_alpha() {
        return Ok(vec![picture.into_luma8()]);
    }
    let with_alpha = picture.into_luma_alpha8();
    let over = |ground: u32| {
        GrayImage::from_fn(width, height, |x, y| {
            let [grey, alpha] = with_alpha.get_pixel(x, y).0.map(u32::from);
            let mixed = (grey * alpha + ground * (255 - alpha)) / 255;
            image::Luma([u8::try_from(mixed).unwrap_or(u8::MAX)])
        })
    };
    let is_opaque = with_alpha.pixels().all(|pixel| pixel.0[1] == u8::MAX);
    Ok(if is_opaque { vec![over(255)] } else { vec![over(255), over(0)] })
}

/// All sizes, both ways.
fn look_at(grey: &GrayImage) -> Look {
    let mut whole = Look::default();
    let finest = grey.width().max(grey.height());
    for side in sizes(grey.width(), grey.height()) {
        let scaled = scale(grey, side);
        let mut look = search(&scaled, false);
        // One look at all pixels is for pages that show codes in both ways.
        if look.texts.is_empty() || side >= finest {
            look.add(search(&scaled, true));
        }
        whole.add(look);
        // A look at all pixels that read all it saw has no need of another size; a smaller one may have missed a code.
        if !whole.texts.is_empty() && whole.unread == 0 && side >= finest {
            break;
        }
    }
    whole
}

/// Codes whose modules do not touch, until one is read.
fn look_for_dots(grey: &GrayImage) -> Look {
    let mut whole = Look::default();
    for side in DOTS_SIDES {
        let scaled = scale(grey, side);
        for inverted in [false, true] {
            let mut dark = scaled.clone();
            if inverted {
                image::imageops::invert(&mut dark);
            }
            for _ in 0..MAX_FATTER {
                dark = fatter(&dark);
                whole.add(search(&dark, false));
                if !whole.texts.is_empty() {
                    return whole;
                }
            }
        }
    }
    whole
}

/// The picture with its dark parts a pixel larger on each side.
fn fatter(grey: &GrayImage) -> GrayImage {
    let (width, height) = grey.dimensions();
    let darkest = |grey: &GrayImage, places: [(u32, u32); 3]| {
        let values = places.map(|(x, y)| grey.get_pixel(x, y).0[0]);
        image::Luma([values.into_iter().min().unwrap_or(u8::MAX)])
    };
    let beside = |at: u32, length: u32| [at.saturating_sub(1), at, (at + 1).min(length - 1)];
    let across = GrayImage::from_fn(width, height, |x, y| darkest(grey, beside(x, width).map(|x| (x, y))));
    GrayImage::from_fn(width, height, |x, y| darkest(&across, beside(y, height).map(|y| (x, y))))
}

/// The longer sides at which dots are made to touch: a code that fills the picture, and one in a screenshot.
const DOTS_SIDES: [u32; 2] = [480, 1200];

/// Pixels by which dots are made larger at most, one after the other.
const MAX_FATTER: u32 = 4;

/// The longer sides to try, best first. A code that fills a screen is found in a small picture at once; one in the
/// corner of a large screenshot needs its pixels; one of a pixel a module needs more than it has; a grainy photograph
/// is better when it is small.
fn sizes(width: u32, height: u32) -> Vec<u32> {
    let side = width.max(height);
    let mut sizes = vec![side.min(DEFAULT_SIDE)];
    if side > DEFAULT_SIDE {
        sizes.push(side);
    }
    if side > 900 {
        sizes.push(800);
    }
    if side < 500 {
        sizes.push(side * 3);
    }
    sizes
}

const DEFAULT_SIDE: u32 = 1600;

fn scale(grey: &GrayImage, side: u32) -> GrayImage {
    let longer = grey.width().max(grey.height());
    if side == longer {
        return grey.clone();
    }
    let scaled = |length: u32| {
        let length = u64::from(length) * u64::from(side) / u64::from(longer.max(1));
        u32::try_from(length).unwrap_or(side).max(1)
    };
    // Averaging takes a photograph's grain away; a small code must keep its edges.
    let filter = if side < longer { FilterType::Triangle } else { FilterType::Nearest };
    resize(grey, scaled(grey.width()), scaled(grey.height()), filter)
}

/// What one look at a picture gave.
#[derive(Default)]
struct Look {
    texts: Vec<Secret>,
    /// Codes that were recognised and could not be read.
    unread: usize,
}

impl Look {
    fn add(&mut self, other: Self) {
        for text in other.texts {
            if self.texts.iter().all(|known| *known != text) {
                self.texts.push(text);
            }
        }
        self.unread += other.unread;
    }
}

fn search(grey: &GrayImage, inverted: bool) -> Look {
    // The decoder asserts what it believes of a code; a hostile one may not keep to it, and is then none.
    catch_unwind(AssertUnwindSafe(|| recognise(grey, inverted))).unwrap_or_default()
}

fn recognise(grey: &GrayImage, inverted: bool) -> Look {
    let (Ok(width), Ok(height)) = (usize::try_from(grey.width()), usize::try_from(grey.height())) else {
        return Look::default();
    };
    let pixels = grey.as_raw();
    // The decoder's own threshold, which follows the light across a photograph.
    let prepared = rqrr::PreparedImage::prepare_from_greyscale(width, height, |x, y| {
        let value = pixels.get(y * width + x).copied().unwrap_or(u8::MAX);
        if inverted { u8::MAX - value } else { value }
    });
    let is_dark = |x: usize, y: usize| prepared.get_pixel_at(x, y) == DARK;
    let is_dark_at = |place: Point| match (index(place.x, width), index(place.y, height)) {
        (Some(x), Some(y)) => is_dark(x, y),
        _ => false,
    };
    let corners = corners(width, height, is_dark).unwrap_or_default();
    let mut texts = Vec::new();
    let unread = locate(&corners, &is_dark_at, |seen| {
        let text = decode_text(seen);
        let is_read = text.is_some();
        texts.extend(text);
        is_read
    });
    Look { texts, unread }
}

fn decode_text(seen: &Seen<'_>) -> Option<Secret> {
    let grid = rqrr::Grid::new(rqrr::SimpleGrid::from_func(seen.size, |x, y| seen.is_dark(x, y)));
    let mut text = Vec::with_capacity(MAX_TEXT_BYTES);
    let outcome = grid.decode_to(&mut text);
    let text = Secret::from(text);
    (outcome.is_ok() && text.expose_text().is_some_and(|text| !text.is_empty())).then_some(text)
}

/// The pixel that holds a place, or `None` outside the picture.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "the cast is of what lies within the picture"
)]
fn index(place: f64, length: usize) -> Option<usize> {
    (place >= 0.0).then_some(place as usize).filter(|at| *at < length)
}

/// A QR code's most in digits, its densest form: a buffer of it never grows and leaves no copy behind.
const MAX_TEXT_BYTES: usize = 7_089;

/// The recogniser's number of a dark pixel; its colour type cannot be named.
const DARK: u8 = 1;
