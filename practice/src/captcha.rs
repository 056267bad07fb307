//! A sum as a picture, so that no text on the page tells it.

use crate::dice::{Dice, draw};
use image::{GrayImage, ImageFormat, Luma};
use std::io::Cursor;

/// The text as a PNG, with some dirt on it; `None` when it cannot be written.
pub(crate) fn png(text: &str) -> Option<Vec<u8>> {
    let width = 20 + 24 * text.chars().count() as u32;
    let mut picture = GrayImage::from_pixel(width, HEIGHT, Luma([244]));
    let mut dice = Dice::new(draw(1, text));
    for _ in 0..width * 2 {
        let (x, y) = (dice.under(width.into()) as u32, dice.under(HEIGHT.into()) as u32);
        picture.put_pixel(x, y, Luma([170]));
    }
    for (index, character) in text.chars().enumerate() {
        let (left, top) = (12 + 24 * index as u32, 8 + dice.under(8) as u32);
        for (row, bits) in glyph(character).iter().enumerate() {
            for column in 0..5_u32 {
                if bits & (0b1_0000 >> column) != 0 {
                    dot(&mut picture, left + column * 4, top + row as u32 * 4);
                }
            }
        }
    }
    let mut out = Cursor::new(Vec::new());
    picture.write_to(&mut out, ImageFormat::Png).ok()?;
    Some(out.into_inner())
}

/// The text as an SVG made of squares: no text in it either.
pub(crate) fn svg(text: &str) -> String {
    let width = 20 + 24 * text.chars().count();
    let mut squares = String::new();
    for (index, character) in text.chars().enumerate() {
        for (row, bits) in glyph(character).iter().enumerate() {
            for column in 0..5_usize {
                if bits & (0b1_0000 >> column) != 0 {
                    squares.push_str(&format!("M{} {}h4v4h-4z", 12 + 24 * index + column * 4, 10 + row * 4));
                }
            }
        }
    }
    format!(
        r##"<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{HEIGHT}"><rect width="100%" height="100%" fill="#f4f4f4"/><path fill="#222" d="{squares}"/></svg>"##
    )
}

const HEIGHT: u32 = 48;

fn dot(picture: &mut GrayImage, left: u32, top: u32) {
    for x in left..(left + 4).min(picture.width()) {
        for y in top..(top + 4).min(picture.height()) {
            picture.put_pixel(x, y, Luma([34]));
        }
    }
}

/// Seven rows of five points; the highest of five bits is the left one.
fn glyph(character: char) -> [u8; 7] {
    match character {
        '0' => [0b01110, 0b10001, 0b10011, 0b10101, 0b11001, 0b10001, 0b01110],
        '1' => [0b00100, 0b01100, 0b00100, 0b00100, 0b00100, 0b00100, 0b01110],
        '2' => [0b01110, 0b10001, 0b00001, 0b00110, 0b01000, 0b10000, 0b11111],
        '3' => [0b11111, 0b00010, 0b00100, 0b00010, 0b00001, 0b10001, 0b01110],
        '4' => [0b00010, 0b00110, 0b01010, 0b10010, 0b11111, 0b00010, 0b00010],
        '5' => [0b11111, 0b10000, 0b11110, 0b00001, 0b00001, 0b10001, 0b01110],
        '6' => [0b00110, 0b01000, 0b10000, 0b11110, 0b10001, 0b10001, 0b01110],
        '7' => [0b11111, 0b00001, 0b00010, 0b00100, 0b01000, 0b01000, 0b01000],
        '8' => [0b01110, 0b10001, 0b10001, 0b01110, 0b10001, 0b10001, 0b01110],
        '9' => [0b01110, 0b10001, 0b10001, 0b01111, 0b00001, 0b00010, 0b01100],
        '+' => [0b00000, 0b00100, 0b00100, 0b11111, 0b00100, 0b00100, 0b00000],
        '=' => [0b00000, 0b00000, 0b11111, 0b00000, 0b11111, 0b00000, 0b00000],
        '?' => [0b01110, 0b10001, 0b00001, 0b00110, 0b00100, 0b00000, 0b00100],
        _ => [0; 7],
    }
}

#[cfg(test)]
mod tests {
    use super::{png, svg};

    #[test]
    fn a_picture_is_a_picture_and_another_sum_another_one() {
        let picture = png("7 + 12 = ?").unwrap();
        let read = image::load_from_memory(&picture).unwrap().to_luma8();
        assert_eq!((read.width(), read.height()), (260, 48));
        assert!(read.pixels().filter(|pixel| pixel.0[0] == 34).count() > 500);
        assert_ne!(picture, png("8 + 11 = ?").unwrap());
        assert!(!svg("7 + 12 = ?").contains("12 ="), "the sum is not written in it");
    }
}
