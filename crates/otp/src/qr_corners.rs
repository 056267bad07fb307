//! What a picture will cost the recogniser, found out before it is asked.
//!
//! The recogniser tries each pair of corners around each corner and copies the picture for every try, and it fills
//! the same areas again when it has forgotten them: a picture made for it would keep it busy for hours. Here its own
//! search for corners is repeated in two walks over the picture, so that such a picture can be cut up or refused.

use std::collections::HashSet;

/// The most corners in one look: ten codes. Their tries take about as long as the rest of the look.
const MOST_CORNERS: usize = 30;

/// The most areas that the recogniser remembers as filled.
const REMEMBERED_AREAS: usize = 251;

/// How many times over the recogniser may fill the whole picture.
const MOST_FILLS: usize = 32;

/// The widths of a line through a corner's middle, dark and light in turn (ISO/IEC 18004 §6.3.3).
const PATTERN: [usize; 5] = [1, 1, 3, 1, 1];

/// Whether the recogniser can be given a picture. `is_dark(x, y)` is a pixel as it sees it.
pub(crate) fn is_affordable(width: usize, height: usize, is_dark: impl Fn(usize, usize) -> bool) -> bool {
    let areas = Areas::of(width, height, is_dark);
    let mut corners = HashSet::new();
    let mut remembered = Vec::with_capacity(REMEMBERED_AREAS);
    let mut filled = 0;
    for row in &areas.rows {
        for [left, middle, right] in row.array_windows() {
            let runs = [left.len(), middle.from - left.to, middle.len(), right.from - middle.to, right.len()];
            if !fits(&runs) {
                continue;
            }
            let [outer, ring, stone] = [left, right, middle].map(|run| areas.root(run.area));
            filled += [ring, stone].into_iter().map(|area| areas.fill(area, &mut remembered)).sum::<usize>();
            if filled > MOST_FILLS * width * height {
                return false;
            }
            let share = areas.sizes[stone] * 100 / areas.sizes[ring].max(1);
            if outer == ring && ring != stone && (11..70).contains(&share) {
                corners.insert(stone);
                if corners.len() > MOST_CORNERS {
                    return false;
                }
            }
        }
    }
    true
}

/// Dark pixels side by side.
#[derive(Clone, Copy)]
struct Run {
    from: usize,
    /// The pixel after the last.
    to: usize,
    /// Which area it was first counted to; see [`Areas::root`].
    area: usize,
}

impl Run {
    const fn len(&self) -> usize {
        self.to - self.from
    }
}

/// The dark areas of a picture, joined by pixels side by side or above one another.
struct Areas {
    rows: Vec<Vec<Run>>,
    /// For each area the one it was joined to, itself if none.
    joined: Vec<usize>,
    /// Pixels, right for those that are their own root.
    sizes: Vec<usize>,
}

impl Areas {
    fn of(width: usize, height: usize, is_dark: impl Fn(usize, usize) -> bool) -> Self {
        let mut areas = Self { rows: Vec::with_capacity(height), joined: Vec::new(), sizes: Vec::new() };
        for y in 0..height {
            let mut row: Vec<Run> = Vec::new();
            let mut x = 0;
            while x < width {
                let from = x;
                while x < width && is_dark(x, y) {
                    x += 1;
                }
                if x > from {
                    let area = areas.joined.len();
                    areas.joined.push(area);
                    areas.sizes.push(x - from);
                    row.push(Run { from, to: x, area });
                }
                x += 1;
            }
            areas.join_to_last(&row);
            areas.rows.push(row);
        }
        areas
    }

    /// Joins a row's runs to those of the row above that they touch. Both are in order, so one walk does.
    fn join_to_last(&mut self, row: &[Run]) {
        let above = self.rows.pop().unwrap_or_default();
        let (mut one, mut other) = (0, 0);
        while let (Some(upper), Some(lower)) = (above.get(one), row.get(other)) {
            if upper.from < lower.to && lower.from < upper.to {
                self.join(upper.area, lower.area);
            }
            if upper.to < lower.to { one += 1 } else { other += 1 }
        }
        self.rows.push(above);
    }

    fn join(&mut self, one: usize, other: usize) {
        let (mut small, mut large) = (self.root_shortening(one), self.root_shortening(other));
        if small == large {
            return;
        }
        if self.sizes[small] > self.sizes[large] {
            (small, large) = (large, small);
        }
        self.joined[small] = large;
        self.sizes[large] += self.sizes[small];
    }

    fn root_shortening(&mut self, area: usize) -> usize {
        let root = self.root(area);
        self.joined[area] = root;
        root
    }

    /// The smaller is joined to the larger, so the way is never longer than the size's logarithm.
    fn root(&self, mut area: usize) -> usize {
        while self.joined[area] != area {
            area = self.joined[area];
        }
        area
    }

    /// The pixels that are walked when an area is asked for: none if it is remembered.
    fn fill(&self, area: usize, remembered: &mut Vec<usize>) -> usize {
        if let Some(at) = remembered.iter().rposition(|known| *known == area) {
            remembered.remove(at);
            remembered.push(area);
            return 0;
        }
        let mut walked = self.sizes[area];
        if remembered.len() == REMEMBERED_AREAS {
            // The one not asked for longest is painted back.
            walked += self.sizes[remembered.remove(0)];
        }
        remembered.push(area);
        walked
    }
}

fn fits(runs: &[usize; 5]) -> bool {
    let module = (runs[0] + runs[1] + runs[3] + runs[4]) / 4;
    let off = module * 3 / 4;
    runs.iter().zip(PATTERN).all(|(run, modules)| (modules * module - off..=modules * module + off).contains(run))
}

#[cfg(test)]
mod tests {
    use super::{Areas, is_affordable};

    /// Corners of `scale` pixels a module, nine modules apart.
    fn corners(columns: usize, rows: usize, scale: usize) -> bool {
        let is_dark = |x: usize, y: usize| {
            let ring = (x / scale % 9).abs_diff(3).max((y / scale % 9).abs_diff(3));
            ring != 2 && ring <= 3
        };
        is_affordable(columns * 9 * scale, rows * 9 * scale, is_dark)
    }

    #[test]
    fn corners_are_counted_at_any_size() {
        for scale in 1..5 {
            assert!(corners(10, 3, scale), "{scale} pixels a module");
            assert!(!corners(8, 4, scale), "{scale} pixels a module");
        }
        assert!(is_affordable(0, 0, |_, _| false));
        assert!(is_affordable(7, 1, |_, _| true));
        assert!(is_affordable(500, 500, |x, _| x % 2 == 0));
    }

    /// Lines with the widths of a corner, without a ring around them, as text has them in plenty.
    #[test]
    fn stripes_are_no_corners() {
        assert!(is_affordable(900, 900, |x, _| matches!(x % 8, 0 | 2 | 3 | 4 | 6)));
    }

    #[test]
    fn areas_are_what_touches() {
        let picture = ["##.#.", ".#.##", "....#", "#.#.#", "###.."];
        let areas = Areas::of(5, 5, |x, y| picture[y].as_bytes()[x] == b'#');
        let mut sizes: Vec<usize> =
            (0..areas.joined.len()).filter(|at| areas.root(*at) == *at).map(|at| areas.sizes[at]).collect();
        sizes.sort_unstable();
        assert_eq!(sizes, [3, 5, 5]);
    }

    /// Large areas that are asked for in turn, more of them than are remembered.
    #[test]
    fn forgotten_areas_are_paid_for() {
        let areas = Areas::of(300, 600, |_, y| y.is_multiple_of(2));
        let mut remembered = Vec::new();
        let first: usize = (0..2).map(|_| areas.fill(0, &mut remembered)).sum();
        assert_eq!(first, areas.sizes[0], "what is remembered costs nothing");
        for area in 1..300 {
            areas.fill(area, &mut remembered);
        }
        assert!(
            areas.fill(0, &mut remembered) > areas.sizes[0],
            "what was forgotten is paid for, and what it displaces"
        );
    }
}
