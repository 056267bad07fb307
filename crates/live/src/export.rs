//! A film of a recording, made by ffmpeg where that is installed.

use std::{
    path::{Path, PathBuf},
    process::Stdio,
    time::Duration,
};

use countersign_browser::{RunAs, start_outside};
use countersign_wire::{PartEntry, entries};
use image::{RgbImage, imageops};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

const FRAMES_A_SECOND: u32 = 4;
/// A stretch in which nothing changes is shortened to this.
const LONGEST_STILL: u32 = 3_000;
const TO_MAKE: Duration = Duration::from_secs(10 * 60);
const LARGEST_SIDE: u32 = 2_560;

/// No film was made.
#[derive(Debug, thiserror::Error)]
pub enum ExportError {
    /// The program is missing.
    #[error("ffmpeg is not installed on the server: install it to get films, or play the recording in the page")]
    NoFfmpeg,
    /// Nothing was ever shown.
    #[error("nothing was shown in this session, so there is no film of it")]
    Empty,
    /// The program failed.
    #[error("ffmpeg made no film: {0}")]
    Failed(String),
    /// The system.
    #[error("no film could be made: {0}")]
    System(#[from] std::io::Error),
}

/// Where ffmpeg is.
pub fn find_ffmpeg() -> Option<PathBuf> {
    let path = std::env::var_os("PATH")?;
    std::env::split_paths(&path).map(|folder| folder.join("ffmpeg")).find(|program| program.is_file())
}

/// Makes a WebM film (VP9, no sound) of a recording's parts, in their order. Stretches without a change are cut to three
/// seconds. Damaged parts are passed over. The program runs as that user, and gets nothing but frames.
///
/// # Errors
/// [`ExportError`].
pub async fn webm(program: &Path, run_as: &RunAs, parts: Vec<Vec<u8>>) -> Result<Vec<u8>, ExportError> {
    let Some((width, height)) = size_of(&parts) else { return Err(ExportError::Empty) };
    let size = format!("{width}x{height}");
    let mut program = start_outside(program, run_as, |command| {
        command
            .args(["-hide_banner", "-loglevel", "error", "-f", "rawvideo", "-pixel_format", "rgb24"])
            .args(["-video_size", &size, "-framerate", &FRAMES_A_SECOND.to_string(), "-i", "pipe:0"])
            .args(["-c:v", "libvpx-vp9", "-pix_fmt", "yuv420p", "-b:v", "0", "-crf", "36"])
            .args(["-deadline", "realtime", "-cpu-used", "8", "-row-mt", "1", "-f", "webm", "pipe:1"])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
    })?;
    let child = &mut program.child;
    let (Some(mut input), Some(mut output), Some(mut words)) =
        (child.stdin.take(), child.stdout.take(), child.stderr.take())
    else {
        return Err(ExportError::Failed("it has no pipes".to_owned()));
    };
    let (frames, mut drawn) = tokio::sync::mpsc::channel::<Vec<u8>>(4);
    // Pictures are drawn where no socket waits for it.
    let drawing = tokio::task::spawn_blocking(move || {
        draw(&parts, width, height, |picture, times| {
            (0..times).all(|_| frames.blocking_send(picture.as_raw().clone()).is_ok())
        });
    });
    let feed = async move {
        while let Some(frame) = drawn.recv().await {
            // It says itself why it does not want more.
            if input.write_all(&frame).await.is_err() {
                break;
            }
        }
        drop(drawn);
    };
    let work = async {
        let (mut film, mut said) = (Vec::new(), String::new());
        let (_, read, _) = tokio::join!(feed, output.read_to_end(&mut film), words.read_to_string(&mut said));
        read?;
        let status = child.wait().await?;
        if status.success() && !film.is_empty() {
            Ok(film)
        } else {
            Err(ExportError::Failed(said.chars().take(300).collect()))
        }
    };
    let film = tokio::time::timeout(TO_MAKE, work)
        .await
        .unwrap_or_else(|_| Err(ExportError::Failed("it took longer than ten minutes".to_owned())));
    // It ends by itself once nobody takes its pictures.
    let _ = drawing.await;
    film
}

/// The largest picture of all, at even sides, which the film needs.
fn size_of(parts: &[Vec<u8>]) -> Option<(u32, u32)> {
    let mut largest: Option<(u32, u32)> = None;
    for (_, entry) in parts.iter().flat_map(|part| entries(part)).flatten() {
        if let PartEntry::Whole { width, height, .. } = entry {
            let (w, h) = largest.unwrap_or_default();
            largest = Some((w.max(width.into()), h.max(height.into())));
        }
    }
    largest.map(|(w, h)| ((w.clamp(2, LARGEST_SIDE) + 1) & !1, (h.clamp(2, LARGEST_SIDE) + 1) & !1))
}

/// Draws frame after frame and gives each with how many pictures of the film it lasts. Ends when `take` says no.
fn draw(parts: &[Vec<u8>], width: u32, height: u32, mut take: impl FnMut(&RgbImage, u32) -> bool) {
    let mut canvas = RgbImage::new(width, height);
    let mut shown_at: Option<u32> = None;
    let lasts = |from: u32, to: u32| (to.saturating_sub(from).min(LONGEST_STILL) * FRAMES_A_SECOND).div_ceil(1_000);
    for (at, entry) in parts.iter().flat_map(|part| entries(part)).flatten() {
        let (x, y, jpeg) = match entry {
            PartEntry::Whole { jpeg, .. } => (0, 0, jpeg),
            PartEntry::Change { x, y, jpeg } => (x, y, jpeg),
            PartEntry::Event(_) => continue,
        };
        let Ok(picture) = image::load_from_memory_with_format(jpeg, image::ImageFormat::Jpeg) else { continue };
        if let Some(before) = shown_at
            && at > before
            && !take(&canvas, lasts(before, at).max(1))
        {
            return;
        }
        if matches!(entry, PartEntry::Whole { .. }) {
            canvas.fill(0);
        }
        imageops::replace(&mut canvas, &picture.into_rgb8(), x.into(), y.into());
        shown_at = Some(at);
    }
    if shown_at.is_some() {
        take(&canvas, FRAMES_A_SECOND);
    }
}

#[cfg(test)]
mod tests {
    use countersign_wire::PartWriter;
    use image::Rgb;

    use super::*;
    use crate::frame_diff::{encode, whole};

    fn picture(shade: u8) -> Vec<u8> {
        let picture = RgbImage::from_pixel(64, 48, Rgb([shade; 3]));
        encode(&picture, whole(&picture))
    }

    fn recording() -> Vec<Vec<u8>> {
        let mut part = PartWriter::default();
        part.whole(0, 64, 48, &picture(10));
        part.whole(1_000, 64, 48, &picture(100));
        part.change(61_000, 0, 0, &picture(240));
        vec![b"damaged".to_vec(), part.bytes]
    }

    #[test]
    fn pictures_last_as_long_as_they_were_seen_and_stillness_is_cut() {
        let mut seen = Vec::new();
        draw(&recording(), 64, 48, |picture, times| {
            seen.push((picture.get_pixel(5, 5)[0] / 50, times));
            true
        });
        assert_eq!(seen, [(0, 4), (2, 12), (4, 4)]);
    }

    #[tokio::test]
    async fn a_film_is_made_or_it_is_said_why_not() {
        let program = find_ffmpeg().expect("`make need-test` installs ffmpeg");
        let film = webm(&program, &RunAs::Automatic, recording()).await.unwrap();
        assert_eq!(film[..4], [0x1a, 0x45, 0xdf, 0xa3], "an EBML head");
        assert!(matches!(webm(&program, &RunAs::Automatic, vec![Vec::new()]).await, Err(ExportError::Empty)));
        let failing = webm(Path::new("/bin/false"), &RunAs::Automatic, recording()).await;
        assert!(matches!(failing, Err(ExportError::Failed(_))));
    }

    #[tokio::test]
    async fn promise_7_ffmpeg_gets_nothing_of_our_environment_and_cannot_read_what_is_ours() {
        use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _};
        let folder = tempfile::tempdir().unwrap();
        std::fs::set_permissions(folder.path(), std::fs::Permissions::from_mode(0o755)).unwrap();
        let secret = folder.path().join("secret");
        std::fs::write(&secret, "secret").unwrap();
        std::fs::set_permissions(&secret, std::fs::Permissions::from_mode(0o600)).unwrap();
        let program = folder.path().join("ffmpeg");
        // It says by its film what it has: a script stands in, which takes every frame.
        let script = format!("#!/bin/sh\ncat >/dev/null; pwd; id -u; id -G; env; cat {}\n", secret.display());
        std::fs::write(&program, script).unwrap();
        std::fs::set_permissions(&program, std::fs::Permissions::from_mode(0o755)).unwrap();
        // Cargo sets it for every test.
        assert!(std::env::var_os("CARGO_MANIFEST_DIR").is_some());
        let has = webm(&program, &RunAs::Automatic, recording()).await;
        let root = folder.path().metadata().unwrap().uid() == 0;
        let Err(ExportError::Failed(said)) = &has else {
            assert!(!root, "root's file was read: {has:?}");
            let has = String::from_utf8(has.unwrap()).unwrap();
            assert!(has.contains("PATH=") && !has.contains("CARGO"), "{has}");
            return;
        };
        assert!(root && said.contains("Permission denied"), "{said}");
        // The same without the file, so that it tells the rest.
        let script = "#!/bin/sh\ncat >/dev/null; pwd; id -u; id -G; env\n";
        std::fs::write(&program, script).unwrap();
        let has = String::from_utf8(webm(&program, &RunAs::Automatic, recording()).await.unwrap()).unwrap();
        let mut lines = has.lines();
        assert_eq!(lines.next(), Some("/"));
        let user = lines.next().unwrap();
        assert!(user != "0" && lines.next() == Some(user), "a user of its own, in its own group alone: {has}");
        assert!(has.contains("PATH=") && !has.contains("CARGO"), "{has}");
    }
}
