//! The three corner marks of QR codes in a picture of dark and light (ISO/IEC 18004 §6.3.3): a dark square in a dark
//! ring, whose middle line has the widths 1:1:3:1:1 in every direction.
//!
//! One walk over the picture joins dark pixels to areas and notes where a line has these widths; a note is a corner
//! when its outer parts turn out to be one area and its middle another. The work is bounded by the picture's size.

use std::collections::BTreeMap;

use crate::qr_geometry::Point;

/// A corner mark.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Corner {
    /// Its middle, in pixels.
    pub(crate) middle: Point,
    /// Width of a module in pixels, by the mark's area.
    pub(crate) module: f64,
}

/// The most corners that are looked at; a picture with more is made to be searched for ever.
const MAX_CORNERS: usize = 150;

/// The modules of the ring and of the square in it.
const RING_MODULES: f64 = 24.0;
const STONE_MODULES: f64 = 9.0;

/// The corners of a picture, or `None` when there are more than [`MAX_CORNERS`]. `is_dark(x, y)` is asked for places
/// within `width` and `height`, each below 65,536.
pub(crate) fn corners(width: usize, height: usize, is_dark: impl Fn(usize, usize) -> bool) -> Option<Vec<Corner>> {
    let mut areas = Areas::default();
    let mut notes: Vec<[u32; 3]> = Vec::new();
    let (mut above, mut row): (Vec<Run>, Vec<Run>) = (Vec::new(), Vec::new());
    for y in 0..height {
        row.clear();
        let mut x = 0;
        while x < width {
            let from = x;
            while x < width && is_dark(x, y) {
                x += 1;
            }
            if x > from {
                row.push(Run { from, to: x, area: areas.new_area(from, x, y) });
            }
            x += 1;
        }
        areas.join_rows(&above, &row);
        notes.extend(row.array_windows().filter(|runs| are_a_middle(runs)).map(|runs| runs.map(|run| run.area)));
        std::mem::swap(&mut above, &mut row);
    }
    let mut found: BTreeMap<usize, Corner> = BTreeMap::new();
    for [left, middle, right] in notes {
        let [outer, stone, ring] = [left, middle, right].map(|area| areas.root(area));
        if outer != ring || stone == ring || found.contains_key(&stone) {
            continue;
        }
        let (stone_area, ring_area) = (&areas.all[stone], &areas.all[ring]);
        let [stone_pixels, ring_pixels] = [stone_area.pixels, ring_area.pixels].map(f64::from);
        // A third larger or smaller than it should be in each direction: blur makes dark parts fatter or thinner.
        let share = stone_pixels / ring_pixels / (STONE_MODULES / RING_MODULES);
        if !(0.35..2.0).contains(&share) || !stone_area.is_about_square() || !ring_area.is_about_square() {
            continue;
        }
        if found.len() == MAX_CORNERS {
            return None;
        }
        let module = ((stone_pixels + ring_pixels) / (STONE_MODULES + RING_MODULES)).sqrt();
        found.insert(stone, Corner { middle: stone_area.middle(), module });
    }
    Some(found.into_values().collect())
}

/// Dark pixels side by side, from the first to the one after the last.
#[derive(Clone, Copy)]
struct Run {
    from: usize,
    to: usize,
    area: u32,
}

/// Whether three runs and the gaps between them have a corner's widths, within half a module and more: the same
/// tolerance takes marks that stand askew.
fn are_a_middle([left, middle, right]: &[Run; 3]) -> bool {
    let widths = [left.to - left.from, middle.from - left.to, right.from - middle.to, right.to - right.from];
    let module = widths.iter().sum::<usize>() / 4;
    let off = module * 3 / 4;
    let fits = |width: usize, modules: usize| (modules * module - off..=modules * module + off).contains(&width);
    widths.into_iter().all(|width| fits(width, 1)) && fits(middle.to - middle.from, 3)
}

/// Dark areas, joined by pixels side by side or above one another.
#[derive(Default)]
struct Areas {
    all: Vec<Area>,
}

struct Area {
    /// The area it was joined to, itself if none.
    joined: u32,
    /// How many it has with all that were joined to it.
    pixels: u32,
    /// First and last column, first and last row.
    extent: [u16; 4],
}

impl Area {
    fn middle(&self) -> Point {
        let [left, right, top, bottom] = self.extent.map(f64::from);
        Point { x: (left + right + 1.0) / 2.0, y: (top + bottom + 1.0) / 2.0 }
    }

    fn is_about_square(&self) -> bool {
        let [left, right, top, bottom] = self.extent.map(f64::from);
        let (across, down) = (right - left + 1.0, bottom - top + 1.0);
        across < 2.0 * down && down < 2.0 * across
    }
}

impl Areas {
    fn new_area(&mut self, from: usize, to: usize, y: usize) -> u32 {
        let own = small(self.all.len());
        let [left, right, row] = [from, to - 1, y].map(|place| u16::try_from(place).unwrap_or(u16::MAX));
        self.all.push(Area { joined: own, pixels: small(to - from), extent: [left, right, row, row] });
        own
    }

    /// Joins the runs of two neighbouring rows that touch. Both are in order, so one walk does.
    fn join_rows(&mut self, above: &[Run], below: &[Run]) {
        let (mut one, mut other) = (0, 0);
        while let (Some(upper), Some(lower)) = (above.get(one), below.get(other)) {
            if upper.from < lower.to && lower.from < upper.to {
                self.join(upper.area, lower.area);
            }
            if upper.to < lower.to { one += 1 } else { other += 1 }
        }
    }

    /// The smaller is joined to the larger, so that the way to a root is never longer than the size's logarithm.
    fn join(&mut self, one: u32, other: u32) {
        let (mut less, mut more) = (self.root(one), self.root(other));
        if less == more {
            return;
        }
        if self.all[less].pixels > self.all[more].pixels {
            (less, more) = (more, less);
        }
        self.all[less].joined = small(more);
        let ([left, right, top, bottom], pixels) = (self.all[less].extent, self.all[less].pixels);
        let area = &mut self.all[more];
        area.pixels += pixels;
        area.extent =
            [area.extent[0].min(left), area.extent[1].max(right), area.extent[2].min(top), area.extent[3].max(bottom)];
    }

    fn root(&self, area: u32) -> usize {
        let mut at = large(area);
        while large(self.all[at].joined) != at {
            at = large(self.all[at].joined);
        }
        at
    }
}

/// Areas and pixels of a picture are far fewer than four milliards.
fn small(number: usize) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}

fn large(number: u32) -> usize {
    usize::try_from(number).unwrap_or(usize::MAX)
}

#[cfg(test)]
mod tests {
    use super::{Areas, corners};

    /// Corners of `scale` pixels a module, nine modules apart.
    fn count(columns: usize, rows: usize, scale: usize) -> Option<usize> {
        let is_dark = |x: usize, y: usize| {
            let ring = (x / scale % 9).abs_diff(3).max((y / scale % 9).abs_diff(3));
            ring != 2 && ring <= 3
        };
        corners(columns * 9 * scale, rows * 9 * scale, is_dark).map(|found| found.len())
    }

    #[test]
    fn corners_are_counted_at_any_size_and_up_to_a_limit() {
        for scale in 1..5 {
            assert_eq!(count(10, 15, scale), Some(150), "{scale} pixels a module");
            assert_eq!(count(10, 16, scale), None, "{scale} pixels a module");
        }
        assert_eq!(count(0, 0, 1), Some(0));
    }

    #[test]
    fn a_corner_is_measured() {
        let is_dark = |x: usize, y: usize| {
            let ring = (x / 6).abs_diff(8).max((y / 6).abs_diff(13));
            ring != 2 && ring <= 3
        };
        let found = corners(120, 180, is_dark).unwrap();
        let [corner] = found[..] else { panic!("{found:?}") };
        assert!((corner.middle.x - 51.0).abs() < 0.01 && (corner.middle.y - 81.0).abs() < 0.01, "{corner:?}");
        assert!((corner.module - 6.0).abs() < 0.01, "{corner:?}");
    }

    /// Lines with the widths of a corner, without a ring around them, as text has them in plenty.
    #[test]
    fn stripes_are_no_corners() {
        assert!(corners(900, 900, |x, _| matches!(x % 8, 0 | 2 | 3 | 4 | 6)).unwrap().is_empty());
    }

    #[test]
    fn areas_are_what_touches() {
        let picture = ["##.#.", ".#.##", "....#", "#.#.#", "###.."];
        let mut areas = Areas::default();
        let mut above = Vec::new();
        for (y, line) in picture.iter().enumerate() {
            let mut row = Vec::new();
            for (x, pixel) in line.bytes().enumerate() {
                if pixel == b'#' {
                    row.push(super::Run { from: x, to: x + 1, area: areas.new_area(x, x + 1, y) });
                    if let [.., one, other] = row[..]
                        && one.to == other.from
                    {
                        areas.join(one.area, other.area);
                    }
                }
            }
            areas.join_rows(&above, &row);
            above = row;
        }
        let roots = areas.all.iter().enumerate().filter(|(at, area)| area.joined as usize == *at);
        let mut sizes: Vec<u32> = roots.map(|(_, area)| area.pixels).collect();
        sizes.sort_unstable();
        assert_eq!(sizes, [3, 5, 5]);
    }
}
