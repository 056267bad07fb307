//! What changed from one frame to the next, so that a recording holds that and no more.

use image::{RgbImage, codecs::jpeg::JpegEncoder, imageops};

/// JPEG works in blocks of 8 or 16 pixels, each by itself: where nothing changed, whole blocks are equal.
const TILE: u32 = 16;
/// Above this share of the picture, a whole frame is no larger than its change.
const MOSTLY: f32 = 0.7;
const QUALITY: u8 = 55;

/// A part of a picture, in pixels.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Rect {
    pub(crate) x: u32,
    pub(crate) y: u32,
    pub(crate) width: u32,
    pub(crate) height: u32,
}

/// How to come from one picture to the next.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Difference {
    None,
    /// These parts, from the top down.
    Parts(Vec<Rect>),
    /// Nearly everything, or another size.
    Whole,
}

/// Compares two pictures in tiles. Rows of tiles that lie together make one part.
pub(crate) fn difference(before: &RgbImage, now: &RgbImage) -> Difference {
    if before.dimensions() != now.dimensions() {
        return Difference::Whole;
    }
    let (width, height) = now.dimensions();
    let stride = width as usize * 3;
    let mut parts: Vec<Rect> = Vec::new();
    for y in (0..height).step_by(TILE as usize) {
        let rows = TILE.min(height - y);
        let begin = y as usize * stride;
        let band = begin..begin + rows as usize * stride;
        let (old, new) = (&before.as_raw()[band.clone()], &now.as_raw()[band]);
        if old == new {
            continue;
        }
        let Some((first, last)) = changed_columns(old, new, stride, width) else { continue };
        match parts.last_mut() {
            Some(above) if above.y + above.height == y => {
                let left = above.x.min(first);
                let right = (above.x + above.width).max(last);
                *above = Rect { x: left, y: above.y, width: right - left, height: above.height + rows };
            }
            _ => parts.push(Rect { x: first, y, width: last - first, height: rows }),
        }
    }
    #[expect(clippy::cast_precision_loss, reason = "a share of a picture")]
    let share = parts.iter().map(|part| u64::from(part.width) * u64::from(part.height)).sum::<u64>() as f32
        / (u64::from(width) * u64::from(height)).max(1) as f32;
    if parts.is_empty() {
        Difference::None
    } else if share > MOSTLY {
        Difference::Whole
    } else {
        Difference::Parts(parts)
    }
}

/// The first changed column and the one after the last, at tiles' edges.
fn changed_columns(old: &[u8], new: &[u8], stride: usize, width: u32) -> Option<(u32, u32)> {
    let mut found: Option<(u32, u32)> = None;
    for x in (0..width).step_by(TILE as usize) {
        let end = (x + TILE).min(width);
        let (from, to) = (x as usize * 3, end as usize * 3);
        let differs = old.chunks_exact(stride).zip(new.chunks_exact(stride)).any(|(a, b)| a[from..to] != b[from..to]);
        if differs {
            found = Some((found.map_or(x, |(first, _)| first), end));
        }
    }
    found
}

/// A frame at the size of the page's own pixels: what a dense screen sees sharper is not kept.
pub(crate) struct Decoded {
    pub(crate) picture: RgbImage,
    /// The frame itself has more pixels.
    pub(crate) made_smaller: bool,
}

pub(crate) fn decode(jpeg: &[u8], css_width: u32, css_height: u32) -> Option<Decoded> {
    let picture = image::load_from_memory_with_format(jpeg, image::ImageFormat::Jpeg).ok()?.into_rgb8();
    let made_smaller = css_width > 0 && css_height > 0 && picture.width() > css_width + css_width / 8;
    let picture = if made_smaller { imageops::thumbnail(&picture, css_width, css_height) } else { picture };
    Some(Decoded { picture, made_smaller })
}

/// A part of a picture as JPEG.
pub(crate) fn encode(picture: &RgbImage, part: Rect) -> Vec<u8> {
    let cut = imageops::crop_imm(picture, part.x, part.y, part.width, part.height).to_image();
    let mut out = Vec::with_capacity(cut.as_raw().len() / 20);
    // Writing into memory does not fail, and a part of a picture has a size that JPEG can say.
    if let Err(error) = JpegEncoder::new_with_quality(&mut out, QUALITY).encode_image(&cut) {
        tracing::error!(%error, "a frame could not be written");
    }
    out
}

/// The whole of it.
pub(crate) fn whole(picture: &RgbImage) -> Rect {
    Rect { x: 0, y: 0, width: picture.width(), height: picture.height() }
}

#[cfg(test)]
mod tests {
    use image::Rgb;

    use super::*;

    #[test]
    fn what_changed_is_found_and_no_more() {
        let before = RgbImage::from_pixel(100, 90, Rgb([250, 250, 250]));
        assert_eq!(difference(&before, &before), Difference::None);
        let mut caret = before.clone();
        caret.put_pixel(33, 20, Rgb([0, 0, 0]));
        assert_eq!(difference(&before, &caret), Difference::Parts(vec![Rect { x: 32, y: 16, width: 16, height: 16 }]));
        caret.put_pixel(99, 89, Rgb([0, 0, 0]));
        caret.put_pixel(70, 33, Rgb([0, 0, 0]));
        assert_eq!(
            difference(&before, &caret),
            Difference::Parts(vec![
                Rect { x: 32, y: 16, width: 48, height: 32 },
                Rect { x: 96, y: 80, width: 4, height: 10 },
            ])
        );
        let other = RgbImage::from_pixel(100, 90, Rgb([0, 0, 0]));
        assert_eq!(difference(&before, &other), Difference::Whole);
        assert_eq!(difference(&before, &RgbImage::new(50, 50)), Difference::Whole);
    }

    #[test]
    fn drawn_over_one_another_they_give_the_picture() {
        let before = RgbImage::from_fn(120, 64, |x, y| Rgb([(x * 2) as u8, (y * 3) as u8, 90]));
        let mut now = before.clone();
        for x in 40..60 {
            for y in 20..44 {
                now.put_pixel(x, y, Rgb([200, 40, 40]));
            }
        }
        let Difference::Parts(parts) = difference(&before, &now) else { panic!("parts") };
        let mut drawn = before.clone();
        for part in parts {
            let piece = image::load_from_memory(&encode(&now, part)).unwrap().into_rgb8();
            imageops::replace(&mut drawn, &piece, part.x.into(), part.y.into());
        }
        let off = drawn.as_raw().iter().zip(now.as_raw()).map(|(a, b)| u32::from(a.abs_diff(*b))).sum::<u32>();
        assert!(off / (120 * 64 * 3) < 4, "{off}");
    }

    #[test]
    fn what_is_no_picture_is_none() {
        assert!(decode(b"no picture", 10, 10).is_none());
        let dense = RgbImage::from_pixel(200, 100, Rgb([1, 2, 3]));
        let jpeg = encode(&dense, whole(&dense));
        for (css_width, css_height, made_smaller) in [(100, 50, true), (200, 100, false)] {
            let decoded = decode(&jpeg, css_width, css_height).unwrap();
            assert_eq!(decoded.picture.dimensions(), (css_width, css_height));
            assert_eq!(decoded.made_smaller, made_smaller);
        }
    }
}
