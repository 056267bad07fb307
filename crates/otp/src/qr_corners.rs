//! How many finder patterns a picture seems to hold, counted before the recogniser pairs each with each.
//!
//! The recogniser tries every triple of corners and copies the picture for each, so that a picture made of corners
//! would keep it busy for hours. A picture of honest codes has three corners a code.

/// The most corners that are looked at: twenty codes.
pub(crate) const MOST_CORNERS: usize = 60;

/// The widths of a line through a corner's middle, dark and light in turn (ISO/IEC 18004 §6.3.3).
const PATTERN: [usize; 5] = [1, 1, 3, 1, 1];

/// A corner seen in the line above, if its middle goes on in this one.
struct Seen {
    from: usize,
    to: usize,
    lines: usize,
}

/// Whether there are more corners than [`MOST_CORNERS`]. `is_dark(x, y)` is a pixel as the recogniser sees it.
///
/// It counts what looks like a corner in at least two lines below one another, with the recogniser's own tolerance,
/// so that it never sees fewer than the recogniser will.
pub(crate) fn too_many_corners(width: usize, height: usize, is_dark: impl Fn(usize, usize) -> bool) -> bool {
    let mut above: Vec<Seen> = Vec::new();
    let mut corners = 0;
    for y in 0..height {
        let mut here = Vec::new();
        for (from, to) in middles(width, |x| is_dark(x, y)) {
            // The line above is in the order of its places, as this one is.
            let before = above.iter().find(|seen| seen.from < to && from < seen.to);
            let lines = before.map_or(1, |seen| seen.lines + 1);
            if lines == 2 {
                corners += 1;
                if corners > MOST_CORNERS {
                    return true;
                }
            }
            here.push(Seen { from, to, lines });
        }
        above = here;
    }
    false
}

/// Where a line runs through the middle of what looks like a corner: first pixel, and the one after the last.
fn middles(width: usize, is_dark: impl Fn(usize) -> bool) -> Vec<(usize, usize)> {
    let mut runs = [0; 5];
    let mut changes = 0;
    let mut found = Vec::new();
    let mut begin = 0;
    for x in 1..=width {
        // Beyond the edge it is light, so that a corner at the edge is seen too.
        let dark_now = x < width && is_dark(x);
        if dark_now == is_dark(x - 1) {
            continue;
        }
        runs.rotate_left(1);
        runs[4] = x - begin;
        begin = x;
        changes += 1;
        if !dark_now && changes >= 5 && fits(&runs) {
            let to = x - runs[4] - runs[3];
            found.push((to - runs[2], to));
        }
    }
    found
}

fn fits(runs: &[usize; 5]) -> bool {
    let module = (runs[0] + runs[1] + runs[3] + runs[4]) / 4;
    let off = module * 3 / 4;
    runs.iter().zip(PATTERN).all(|(run, modules)| (modules * module - off..=modules * module + off).contains(run))
}

#[cfg(test)]
mod tests {
    use super::too_many_corners;

    /// Corners of `scale` pixels a module, nine modules apart.
    fn corners(columns: usize, rows: usize, scale: usize) -> bool {
        let is_dark = |x: usize, y: usize| {
            let ring = (x / scale % 9).abs_diff(3).max((y / scale % 9).abs_diff(3));
            ring != 2 && ring <= 3
        };
        too_many_corners(columns * 9 * scale, rows * 9 * scale, is_dark)
    }

    #[test]
    fn corners_are_counted_at_any_size() {
        for scale in 1..5 {
            assert!(!corners(10, 6, scale), "{scale} pixels a module");
            assert!(corners(10, 7, scale), "{scale} pixels a module");
        }
        assert!(!too_many_corners(0, 0, |_, _| false));
        assert!(!too_many_corners(500, 500, |x, _| x % 2 == 0));
    }
}
