use std::io::Cursor;

use countersign_otp::{PictureFormat, QrReadError, picture_format, qr_svg, read_qr_codes};
use fast_qr::{ECL, QRBuilder};
use image::codecs::jpeg::JpegEncoder;
use image::imageops::{FilterType, overlay, resize};
use image::{DynamicImage, GrayImage, ImageFormat, Luma, LumaA, Rgb, RgbImage};

const TEXT: &str = "otpauth://totp/Example:alice%40example.org?secret=JBSWY3DPEHPK3PXP&issuer=Example";

/// A code of `scale` pixels a module, with its border.
fn code(text: &str, scale: u32) -> GrayImage {
    let code = QRBuilder::new(text).ecl(ECL::M).build().unwrap();
    let side = u32::try_from(code.size).unwrap() + 8;
    GrayImage::from_fn(side * scale, side * scale, |x, y| {
        let module = |at: u32| usize::try_from(at / scale).unwrap().checked_sub(4).filter(|at| *at < code.size);
        let dark = module(y).zip(module(x)).is_some_and(|(y, x)| code[y][x].value());
        Luma([if dark { 0 } else { 255 }])
    })
}

fn encoded(picture: &DynamicImage, format: ImageFormat) -> Vec<u8> {
    let mut bytes = Cursor::new(Vec::new());
    picture.write_to(&mut bytes, format).unwrap();
    bytes.into_inner()
}

fn png(picture: GrayImage) -> Vec<u8> {
    encoded(&DynamicImage::ImageLuma8(picture), ImageFormat::Png)
}

fn texts(bytes: &[u8]) -> Result<Vec<String>, QrReadError> {
    Ok(read_qr_codes(bytes)?.iter().map(|text| text.expose_text().unwrap().to_owned()).collect())
}

#[test]
fn every_format_and_size() {
    for format in [ImageFormat::Png, ImageFormat::Jpeg, ImageFormat::WebP] {
        let bytes = encoded(&DynamicImage::ImageRgb8(DynamicImage::ImageLuma8(code(TEXT, 5)).into_rgb8()), format);
        assert_eq!(texts(&bytes).as_deref(), Ok([TEXT.to_owned()].as_slice()), "{format:?}");
    }
    for scale in [1, 2, 3, 4, 8, 20, 45] {
        assert_eq!(texts(&png(code(TEXT, scale))).as_deref(), Ok([TEXT.to_owned()].as_slice()), "scale {scale}");
    }
}

#[test]
fn inverted_transparent_tinted_and_turned() {
    let mut inverted = code(TEXT, 4);
    image::imageops::invert(&mut inverted);
    assert_eq!(texts(&png(inverted)).unwrap(), [TEXT]);
    // Black modules on nothing, as many sites draw them.
    let plain = code(TEXT, 4);
    let transparent = image::GrayAlphaImage::from_fn(plain.width(), plain.height(), |x, y| {
        LumaA([0, 255 - plain.get_pixel(x, y).0[0]])
    });
    assert_eq!(texts(&encoded(&DynamicImage::ImageLumaA8(transparent), ImageFormat::Png)).unwrap(), [TEXT]);
    let tinted = RgbImage::from_fn(plain.width(), plain.height(), |x, y| {
        if plain.get_pixel(x, y).0[0] == 0 { Rgb([20, 60, 90]) } else { Rgb([250, 240, 200]) }
    });
    assert_eq!(texts(&encoded(&DynamicImage::ImageRgb8(tinted), ImageFormat::Png)).unwrap(), [TEXT]);
    let turned = DynamicImage::ImageLuma8(plain).rotate90().fliph().into_luma8();
    assert_eq!(texts(&png(turned)).unwrap(), [TEXT]);
}

/// What a dark page draws: light modules, and nothing where they stand on. What lies under the transparent pixels
/// does not count.
#[test]
fn transparency_is_tried_over_white_and_over_black() {
    let plain = code(TEXT, 4);
    for (ink, hidden) in [(255, 255), (255, 0), (0, 0), (0, 255)] {
        let picture = image::GrayAlphaImage::from_fn(plain.width(), plain.height(), |x, y| {
            if plain.get_pixel(x, y).0 == [0] { LumaA([ink, 255]) } else { LumaA([hidden, 0]) }
        });
        for format in [ImageFormat::Png, ImageFormat::WebP] {
            let rgba = DynamicImage::ImageRgba8(DynamicImage::ImageLumaA8(picture.clone()).into_rgba8());
            assert_eq!(texts(&encoded(&rgba, format)).as_deref(), Ok([TEXT.to_owned()].as_slice()), "{ink} {format:?}");
        }
    }
}

/// Round modules that do not touch, with the corner marks whole or of dots too, dark on light and light on dark.
#[test]
fn modules_drawn_as_dots() {
    let code = QRBuilder::new(TEXT).ecl(ECL::M).build().unwrap();
    let size = code.size;
    let is_corner = |x: usize, y: usize| (x < 7 && (y < 7 || y >= size - 7)) || (x >= size - 7 && y < 7);
    for scale in [6u32, 10, 16] {
        for (diameter, whole_corners) in [(0.9, true), (0.7, true), (0.9, false), (0.75, false), (0.65, false)] {
            let side = (u32::try_from(size).unwrap() + 8) * scale;
            let mut drawn = GrayImage::from_fn(side, side, |x, y| {
                let module = |at: u32| usize::try_from(at / scale).unwrap().checked_sub(4).filter(|at| *at < size);
                let off = |at: u32| (f64::from(at % scale) + 0.5) / f64::from(scale) - 0.5;
                let dark = module(x).zip(module(y)).is_some_and(|(column, row)| {
                    let within = off(x).hypot(off(y)) <= diameter / 2.0;
                    code[row][column].value() && (within || (whole_corners && is_corner(column, row)))
                });
                Luma([if dark { 0 } else { 255 }])
            });
            let told = format!("{scale} pixels a module, dots of {diameter}, whole corners: {whole_corners}");
            assert_eq!(texts(&png(drawn.clone())).as_deref(), Ok([TEXT.to_owned()].as_slice()), "{told}");
            image::imageops::invert(&mut drawn);
            assert_eq!(texts(&png(drawn)).as_deref(), Ok([TEXT.to_owned()].as_slice()), "inverted, {told}");
        }
    }
}

#[test]
fn a_screenshot_with_several_codes() {
    // A dark page with two codes, one of them small in a corner, and text-like noise.
    let mut screen = GrayImage::from_pixel(2560, 1440, Luma([30]));
    for y in (0..1440).step_by(9) {
        for x in (0..800).step_by(5) {
            screen.put_pixel(x, y, Luma([200]));
        }
    }
    overlay(&mut screen, &code(TEXT, 6), 1000, 200);
    overlay(&mut screen, &code("otpauth://totp/b?secret=ABCDEFGH", 4), 2100, 1100);
    let mut found = texts(&png(screen)).unwrap();
    found.sort();
    assert_eq!(found, [TEXT, "otpauth://totp/b?secret=ABCDEFGH"]);
}

/// A large screen keeps its pixels: a code of three a module is read beside one that fills a window, and one drawn
/// light on dark beside one drawn dark on light.
#[test]
fn a_large_screenshot_with_codes_of_all_sizes() {
    let mut screen = GrayImage::from_pixel(5120, 2880, Luma([235]));
    let mut inverted = code("otpauth://totp/c?secret=ABCDEFGH", 5);
    image::imageops::invert(&mut inverted);
    overlay(&mut screen, &code(TEXT, 30), 200, 300);
    overlay(&mut screen, &code("otpauth://totp/b?secret=ABCDEFGH", 3), 4900, 2700);
    overlay(&mut screen, &inverted, 3000, 100);
    let mut found = texts(&png(screen)).unwrap();
    found.sort();
    assert_eq!(found, [TEXT, "otpauth://totp/b?secret=ABCDEFGH", "otpauth://totp/c?secret=ABCDEFGH"]);
}

#[test]
fn a_grainy_photograph() {
    // Uneven light, blur, grain and JPEG's own damage, at the size of a telephone's camera.
    let mut photograph = GrayImage::from_pixel(1000, 750, Luma([140]));
    overlay(&mut photograph, &resize(&code(TEXT, 8), 420, 420, FilterType::Triangle), 300, 150);
    let blurred = resize(&photograph, 2000, 1500, FilterType::Triangle);
    let mut state = 12345u32;
    let grainy = GrayImage::from_fn(2000, 1500, |x, y| {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        let grain = i64::from(state >> 24) % 50 - 25;
        let light = 60 + i64::from(x) * 100 / 2000;
        let value = i64::from(blurred.get_pixel(x, y).0[0]) * light / 160 + grain;
        Luma([u8::try_from(value.clamp(0, 255)).unwrap()])
    });
    let mut bytes = Vec::new();
    JpegEncoder::new_with_quality(&mut bytes, 60).encode_image(&DynamicImage::ImageLuma8(grainy)).unwrap();
    assert_eq!(texts(&bytes).unwrap(), [TEXT]);
}

/// A large export on a screen, photographed from the side: turned, and narrower at one end.
#[test]
fn a_photograph_from_the_side() {
    let text = format!(
        "otpauth-migration://offline?data={}",
        "CjEKCkhlbGxvId6tvu8SGEV4YW1wbGU6YWxpY2VAZ29vZ2xlLmNvbRoHRXhhbXBsZSAB".repeat(12)
    );
    let plain = code(&text, 6);
    for (turn, narrow) in [(0.05f64, 0.0), (0.3, 0.0002), (-0.6, -0.00025), (1.9, 0.0003), (0.0, 0.0003)] {
        let (sin, cos) = turn.sin_cos();
        let middle = f64::from(plain.width()) / 2.0;
        let seen = GrayImage::from_fn(1500, 1500, |x, y| {
            let (x, y) = (f64::from(x) - 750.0, f64::from(y) - 750.0);
            let depth = 1.0 + narrow * x;
            let (u, v) = ((x * cos - y * sin) / depth + middle, (x * sin + y * cos) / depth + middle);
            let inside = |at: f64| (at >= 0.0 && at < f64::from(plain.width())).then_some(at as u32);
            inside(u).zip(inside(v)).map_or(Luma([120]), |(u, v)| *plain.get_pixel(u, v))
        });
        assert_eq!(
            texts(&png(seen)).as_deref(),
            Ok([text.clone()].as_slice()),
            "turned by {turn}, narrowed by {narrow}"
        );
    }
}

/// A printed sheet of backup codes.
#[test]
fn a_sheet_of_codes() {
    let mut sheet = GrayImage::from_pixel(1500, 1200, Luma([255]));
    let mut expected = Vec::new();
    for number in 0..12 {
        let text = format!("otpauth://totp/user{number}?secret=JBSWY3DPEHPK3PXP");
        overlay(&mut sheet, &code(&text, 5), number % 4 * 360, number / 4 * 380);
        expected.push(text);
    }
    let mut found = texts(&png(sheet)).unwrap();
    found.sort();
    expected.sort();
    assert_eq!(found, expected);
}

#[test]
fn refusals_say_what_to_do() {
    let blank = png(GrayImage::from_pixel(300, 200, Luma([255])));
    assert!(texts(&blank).unwrap_err().to_string().starts_with("no QR code was found in the image: the whole code"));
    let mut damaged = code(TEXT, 4);
    for y in 60..120 {
        for x in 60..150 {
            damaged.put_pixel(x, y, Luma([255]));
        }
    }
    assert_eq!(texts(&png(damaged)), Err(QrReadError::Unreadable));
    let cut = &png(code(TEXT, 4))[..200];
    assert_eq!(texts(cut), Err(QrReadError::Damaged));
    assert_eq!(texts(b""), Err(QrReadError::NotAPicture(None)));
    assert_eq!(texts(b"\x89PNG"), Err(QrReadError::Damaged));
    let told = texts(b"%PDF-1.7").unwrap_err().to_string();
    assert_eq!(
        told,
        "this is no PNG, JPEG or WebP image but a PDF: save the QR code as one of these, or take a screenshot of it"
    );
    let told = texts(b"\0\0\0\x18ftypheic").unwrap_err().to_string();
    assert!(told.contains("HEIC"), "{told}");
    let told = texts(&vec![0; 17 * 1024 * 1024]).unwrap_err().to_string();
    assert!(told.starts_with("the image is too large: 17825792 bytes, at most 16777216 are taken"), "{told}");
}

/// A few bytes that promise billions of pixels are refused before any memory is taken for them.
#[test]
fn a_picture_that_promises_too_much_is_not_decoded() {
    let mut bytes = png(GrayImage::from_pixel(8, 8, Luma([255])));
    bytes[16..20].copy_from_slice(&60_000u32.to_be_bytes());
    bytes[20..24].copy_from_slice(&60_000u32.to_be_bytes());
    // The header's checksum (ISO/IEC 15948 §5.5) has to agree, or the file would be refused for that.
    let crc = crc32(&bytes[12..29]);
    bytes[29..33].copy_from_slice(&crc.to_be_bytes());
    assert_eq!(texts(&bytes), Err(QrReadError::TooManyPixels { width: 60_000, height: 60_000 }));
}

fn crc32(bytes: &[u8]) -> u32 {
    !bytes.iter().fold(u32::MAX, |crc, byte| {
        (0..8).fold(crc ^ u32::from(*byte), |crc, _| if crc & 1 == 1 { crc >> 1 ^ 0xedb8_8320 } else { crc >> 1 })
    })
}

/// A picture made to keep a recogniser busy: nothing but the corners of codes.
#[test]
fn a_picture_full_of_corners_ends() {
    let corner = |x: u32, y: u32| {
        let ring = (x.abs_diff(3)).max(y.abs_diff(3));
        ring != 2 && ring <= 3
    };
    let mut picture = GrayImage::from_pixel(1600, 1600, Luma([255]));
    for (x, y, pixel) in picture.enumerate_pixels_mut() {
        if corner(x / 2 % 9, y / 2 % 9) {
            *pixel = Luma([0]);
        }
    }
    assert!(matches!(texts(&png(picture)), Err(QrReadError::NoQr | QrReadError::Unreadable)));
}

/// As many corners as are still looked at, far apart, so that each may belong to each.
#[test]
fn a_picture_of_corners_alone_holds_no_code() {
    let mut picture = GrayImage::from_pixel(1500, 1500, Luma([255]));
    for (x, y, pixel) in picture.enumerate_pixels_mut() {
        let (column, row) = (x % 250 / 10, y % 300 / 10);
        let ring = column.abs_diff(3).max(row.abs_diff(3));
        if ring != 2 && ring <= 3 {
            *pixel = Luma([0]);
        }
    }
    assert!(matches!(texts(&png(picture)), Err(QrReadError::NoQr | QrReadError::Unreadable)));
}

/// As many corners as are taken, on lines that are long and lead to no code.
#[test]
fn a_large_picture_of_corners_ends() {
    let corner = GrayImage::from_fn(140, 140, |x, y| {
        let ring = (x / 20).abs_diff(3).max((y / 20).abs_diff(3));
        Luma([if ring != 2 { 0 } else { 255 }])
    });
    let mut picture = GrayImage::from_pixel(5600, 5600, Luma([255]));
    for place in 0..121 {
        overlay(&mut picture, &corner, place % 11 * 500 + 100, place / 11 * 500 + 100);
    }
    assert!(matches!(texts(&png(picture)), Err(QrReadError::NoQr | QrReadError::Unreadable)));
}

#[test]
fn formats_by_their_first_bytes() {
    assert_eq!(picture_format(b"\x89PNG\r\n"), Some(PictureFormat::Png));
    assert_eq!(picture_format(b"\xff\xd8\xff\xe0"), Some(PictureFormat::Jpeg));
    assert_eq!(picture_format(b"RIFF\0\0\0\0WEBPVP8 "), Some(PictureFormat::WebP));
    assert_eq!(picture_format(b"otpauth://totp/"), None);
}

/// The SVG is drawn by hand here and read back by the recogniser.
#[test]
fn a_written_code_is_read_back() {
    let svg = qr_svg(TEXT, "QR code <for> \"alice\"").unwrap();
    let svg = svg.expose_text().unwrap();
    assert!(
        svg.contains("role=\"img\"") && svg.contains("<title>QR code &lt;for&gt; &quot;alice&quot;</title>"),
        "{svg}"
    );
    assert!(!svg.contains("style") && !svg.contains("script"));
    let side: u32 = svg.split("viewBox=\"0 0 ").nth(1).unwrap().split(' ').next().unwrap().parse().unwrap();
    let mut modules = GrayImage::from_pixel(side, side, Luma([255]));
    let path = svg.split("fill=\"#000\" d=\"").nth(1).unwrap().split('"').next().unwrap();
    for run in path.split('M').skip(1) {
        let numbers: Vec<u32> = run.split(|c: char| !c.is_ascii_digit()).filter_map(|part| part.parse().ok()).collect();
        let [x, y, length, ..] = numbers[..] else { panic!("{run}") };
        for at in x..x + length {
            modules.put_pixel(at, y, Luma([0]));
        }
    }
    for border in 0..4 {
        assert!(
            (0..side)
                .all(|at| modules.get_pixel(border, at).0 == [255]
                    && modules.get_pixel(at, side - 1 - border).0 == [255])
        );
    }
    let drawn = resize(&modules, side * 6, side * 6, FilterType::Nearest);
    assert_eq!(texts(&png(drawn)).unwrap(), [TEXT]);
    let told = qr_svg(&"x".repeat(5000), "").err().unwrap().to_string();
    assert_eq!(told, "the text is too long for a QR code: 5000 bytes, at most about 2,300 fit; shorten the label");
}
