//! From corner marks to codes: which three belong together, how many modules lie between them, and where each module
//! is seen when the picture was taken askew.

use std::cell::Cell;

use crate::qr_corners::Corner;
use crate::qr_geometry::{Point, Projection};

/// A code's modules as they are seen, to be read.
pub(crate) struct Seen<'p> {
    /// Modules on a side.
    pub(crate) size: usize,
    is_dark: &'p dyn Fn(Point) -> bool,
    place: Projection,
}

impl Seen<'_> {
    /// Whether a module is dark.
    pub(crate) fn is_dark(&self, x: usize, y: usize) -> bool {
        (self.is_dark)(self.at(number(x) + 0.5, number(y) + 0.5))
    }

    /// Where a place in modules is in the picture. The projection works with parts of the side, for its numbers' sake.
    fn at(&self, x: f64, y: f64) -> Point {
        self.place.map(x / number(self.size), y / number(self.size))
    }

    /// What looks like an alignment mark within `reach` modules of a place, the likeliest first.
    fn marks_near(&self, x: f64, y: f64, reach: f64) -> Vec<Point> {
        let middle = self.at(x, y);
        let (right, below) = (middle.to(self.at(x + 1.0, y)), middle.to(self.at(x, y + 1.0)));
        find_marks(middle, right, below, reach, self.is_dark)
    }

    /// How many of the modules between the corners that change from dark to light do so (§6.3.5), from 0 to 1.
    fn timing(&self) -> f64 {
        let places = 8..self.size - 8;
        let right = places.clone().map(|at| {
            let expected = at % 2 == 0;
            usize::from(self.is_dark(at, 6) == expected) + usize::from(self.is_dark(6, at) == expected)
        });
        number(right.sum()) / number(2 * places.len())
    }
}

/// Shows each code that the corners may belong to, best first, until `read` has taken it. `is_dark` is asked for any
/// place. Returns how many were surely codes and were not taken.
pub(crate) fn locate(
    corners: &[Corner],
    is_dark: &dyn Fn(Point) -> bool,
    mut read: impl FnMut(&Seen<'_>) -> bool,
) -> usize {
    let mut used = vec![false; corners.len()];
    let mut unread: Vec<[usize; 3]> = Vec::new();
    let mut tries = 0;
    let glances = Cell::new(0);
    let is_dark = &|place: Point| {
        glances.set(glances.get() + 1);
        is_dark(place)
    };
    for triple in triples(corners) {
        if triple.iter().any(|at| used[*at]) {
            continue;
        }
        if glances.get() > MAX_GLANCES {
            break;
        }
        let three = triple.map(|at| corners[at]);
        let mut is_code = false;
        for size in sizes(&three, is_dark) {
            if glances.get() > MAX_GLANCES {
                break;
            }
            for seen in views(&three, size, is_dark) {
                if seen.timing() < LEAST_TIMING {
                    continue;
                }
                is_code |= seen.timing() > SURE_TIMING;
                tries += 1;
                if read(&seen) {
                    triple.iter().for_each(|at| used[*at] = true);
                    break;
                }
                if tries == MAX_TRIES {
                    return unread.len() + usize::from(is_code);
                }
            }
            if used[triple[0]] {
                break;
            }
        }
        if is_code && !used[triple[0]] {
            unread.push(triple);
        }
    }
    unread.iter().filter(|triple| triple.iter().all(|at| !used[*at])).count()
}

/// Corners that may belong to one code, the likeliest first: the one at the right angle, then clockwise.
fn triples(corners: &[Corner]) -> Vec<[usize; 3]> {
    let mut found = Vec::new();
    for (a, corner) in corners.iter().enumerate() {
        for (b, one) in corners.iter().enumerate() {
            for (c, other) in corners.iter().enumerate().skip(b + 1) {
                if a == b || a == c {
                    continue;
                }
                let (across, down) = (corner.middle.to(one.middle), corner.middle.to(other.middle));
                let (long, short) = ordered(across.length(), down.length());
                let module = (corner.module + one.module + other.module) / 3.0;
                let modules = [corner.module, one.module, other.module].map(|own| (own / module - 1.0).abs());
                let uneven = modules.into_iter().fold(0.0, f64::max);
                let lean = (across.dot(down) / (long * short).max(1.0)).abs();
                let stretched = 1.0 - short / long.max(1.0);
                let size = long / module;
                if uneven > 0.4 || lean > 0.4 || stretched > 0.35 || !(11.0..210.0).contains(&size) {
                    continue;
                }
                let triple = if across.cross(down) > 0.0 { [a, b, c] } else { [a, c, b] };
                // On a sheet of codes the corners of neighbours are at right angles too, but further apart.
                found.push((uneven + lean + stretched + size / 1000.0, triple));
            }
        }
    }
    found.sort_by(|(one, _), (other, _)| one.total_cmp(other));
    found.into_iter().map(|(_, triple)| triple).collect()
}

/// How many modules a side may have, the likeliest first: by the changes of colour between the corners, and by their
/// distance.
fn sizes([a, b, c]: &[Corner; 3], is_dark: &dyn Fn(Point) -> bool) -> Vec<usize> {
    let (across, down) = (a.middle.to(b.middle), a.middle.to(c.middle));
    let (right, below) = (across.scaled(1.0 / across.length()), down.scaled(1.0 / down.length()));
    // The middles of the modules in which the timing patterns begin and end.
    let inner =
        |corner: &Corner, x: f64, y: f64| corner.middle.plus(right, x * corner.module).plus(below, y * corner.module);
    let begin = inner(a, 3.0, 3.0);
    let changes = [changes(begin, inner(b, -3.0, 3.0), is_dark), changes(begin, inner(c, 3.0, -3.0), is_dark)];
    let module = (2.0 * a.module + b.module + c.module) / 4.0;
    let by_distance = (across.length() + down.length()) / 2.0 / module + 7.0;
    let mut sizes: Vec<usize> = Vec::new();
    let by_changes = changes.map(|count| number(count + 13));
    // Lines on which hardly anything changes lie between no two corners of one code.
    if by_changes.into_iter().all(|guess| guess < by_distance * 0.6) {
        return sizes;
    }
    for guess in by_changes.into_iter().chain([0.0, 4.0, -4.0, 8.0, -8.0].map(|off| by_distance + off)) {
        // Far from the distance, the line between the corners was no timing pattern.
        if (guess / by_distance - 1.0).abs() > 0.25 {
            continue;
        }
        // Sides have 21, 25, … 177 modules (§6.3.2).
        let size = 17 + 4 * whole(((guess - 17.0) / 4.0).round()).clamp(1, 40);
        if !sizes.contains(&size) {
            sizes.push(size);
        }
    }
    sizes
}

/// Changes of colour on a line.
fn changes(from: Point, to: Point, is_dark: &dyn Fn(Point) -> bool) -> usize {
    let way = from.to(to);
    let steps = whole(way.length()).max(1);
    let mut last = is_dark(from);
    (1..=steps)
        .filter(|step| {
            let now = is_dark(from.plus(way, number(*step) / number(steps)));
            std::mem::replace(&mut last, now) != now
        })
        .count()
}

/// Where the modules of a code of this size may lie, the likeliest first.
fn views<'p>(
    three: &[Corner; 3],
    size: usize,
    is_dark: &'p dyn Fn(Point) -> bool,
) -> impl Iterator<Item = Seen<'p>> + use<'p> {
    let side = number(size);
    let middles = three.map(|corner| corner.middle);
    let [a, b, c] = middles;
    // What is nearer is larger: the corners' sizes tell how far away each is, and so where the fourth would be. For
    // tiny modules they are measured too coarsely, and a parallelogram is better.
    let [near_a, near_b, near_c] = three.map(|corner| corner.module.powf(-2.0 / 3.0));
    let sum = Point { x: 0.0, y: 0.0 }.plus(b, near_b).plus(c, near_c).plus(a, -near_a);
    let leaning = sum.scaled(1.0 / (near_b + near_c - near_a));
    let parallel = b.plus(a.to(c), 1.0);
    let module = a.to(b).length() / (side - 7.0);
    let other = (leaning.to(parallel).length() > 1.5 * module).then_some(parallel);
    std::iter::once(leaning).chain(other).flat_map(move |fourth| views_from(middles, fourth, size, is_dark))
}

/// Where they lie if the fourth corner is about there: by all the alignment marks that can be found, by the last of
/// them, and by the corners alone.
fn views_from<'p>(
    [a, b, c]: [Point; 3],
    fourth: Point,
    size: usize,
    is_dark: &'p dyn Fn(Point) -> bool,
) -> Vec<Seen<'p>> {
    let side = number(size);
    let pair = |x: f64, y: f64, seen: Point| (Point { x: x / side, y: y / side }, seen);
    let known = [pair(3.5, 3.5, a), pair(side - 3.5, 3.5, b), pair(3.5, side - 3.5, c)];
    let fit = |more: &[(Point, Point)]| {
        let pairs: Vec<_> = known.iter().chain(more).copied().collect();
        Projection::fit(&pairs).map(|place| Seen { size, is_dark, place })
    };
    let Some(rough) = fit(&[pair(side - 3.5, side - 3.5, fourth)]) else { return Vec::new() };
    let mut views = Vec::new();
    if size > 21 {
        for mark in rough.marks_near(side - 6.5, side - 6.5, 3.0 + side / 12.0) {
            let Some(view) = fit(&[pair(side - 6.5, side - 6.5, mark)]) else { continue };
            // From this size on there are more marks between the corners.
            if size >= 45
                && let Some(finer) = fit(&marks(&view).map(|(x, y, seen)| pair(x, y, seen)).collect::<Vec<_>>())
            {
                views.push(finer);
            }
            views.push(view);
        }
    }
    views.push(rough);
    views
}

/// The alignment marks that are where a first view expects them, give or take a module: places in modules, and seen.
fn marks<'v>(view: &'v Seen<'_>) -> impl Iterator<Item = (f64, f64, Point)> + 'v {
    let places = mark_places(view.size);
    let last = places.len() - 1;
    // Where the corners are, there are no marks.
    let is_corner = move |row, column| (row == 0 && (column == 0 || column == last)) || (row == last && column == 0);
    let rows = places.clone().into_iter().enumerate();
    let all = rows.flat_map(move |(row, y)| {
        let columns = places.clone().into_iter().enumerate();
        columns
            .filter(move |(column, _)| !is_corner(row, *column))
            .map(move |(_, x)| (number(x) + 0.5, number(y) + 0.5))
    });
    all.filter_map(|(x, y)| view.marks_near(x, y, 1.5).first().map(|seen| (x, y, *seen)))
}

/// The rows, and columns, in which alignment marks have their middles (§6.3.6 and annex E), for sides over 21.
fn mark_places(size: usize) -> Vec<usize> {
    let version = (size - 17) / 4;
    let count = version / 7 + 2;
    let gap = if version == 32 { 26 } else { (version * 4 + count * 2 + 1) / (count * 2 - 2) * 2 };
    let mut places: Vec<usize> = (0..count - 1).map(|at| size - 7 - at * gap).collect();
    places.push(6);
    places.reverse();
    places
}

/// The middles of what looks like an alignment mark near a place, the likeliest first: dark, with a light and a dark
/// ring around it. `right` and `below` are a module's sides there, and it is searched for within `reach` modules.
fn find_marks(expected: Point, right: Point, below: Point, reach: f64, is_dark: &dyn Fn(Point) -> bool) -> Vec<Point> {
    let likeness = |middle: Point| {
        let mut unlike = 0;
        for (x, y) in MARK {
            unlike +=
                u32::from(is_dark(middle.plus(right, x.into()).plus(below, y.into())) != (x.abs().max(y.abs()) != 1));
            if unlike > MAX_UNLIKE {
                return None;
            }
        }
        Some(unlike)
    };
    // Steps of a third of a module: two or three of them meet in each mark.
    let steps = i32::try_from(whole(reach * 3.0)).unwrap_or_default();
    let mut seen: Vec<(f64, Point)> = Vec::new();
    for down in -steps..=steps {
        for across in -steps..=steps {
            let (x, y) = (f64::from(across) / 3.0, f64::from(down) / 3.0);
            let middle = expected.plus(right, x).plus(below, y);
            if let Some(unlike) = likeness(middle) {
                // Likeness before nearness.
                seen.push((f64::from(unlike) + 0.2 * x.hypot(y), middle));
            }
        }
    }
    seen.sort_by(|(one, _), (other, _)| one.total_cmp(other));
    let module = right.length().max(below.length());
    let mut found: Vec<Point> = Vec::new();
    for (badness, middle) in &seen {
        if found.iter().any(|known| known.to(*middle).length() < module) {
            continue;
        }
        // The steps that met the same mark about as well lie around its middle.
        let alike = seen.iter().filter(|(other, near)| middle.to(*near).length() < module && other - badness < 0.5);
        let around: Vec<Point> = alike.map(|(_, near)| *near).collect();
        let share = 1.0 / number(around.len());
        found.push(around.iter().fold(Point { x: 0.0, y: 0.0 }, |sum, near| sum.plus(*near, share)));
        if found.len() == MAX_MARKS {
            break;
        }
    }
    found
}

/// The modules of an alignment mark, from its middle outwards: what is none is mostly known by the inner ones.
const MARK: [(i32, i32); 25] = {
    let mut places = [(0, 0); 25];
    let (mut next, mut ring) = (1, 1);
    while ring <= 2 {
        let mut place = 0;
        while place < 25 {
            let (x, y) = (place % 5 - 2, place / 5 - 2);
            let (across, down) = (if x < 0 { -x } else { x }, if y < 0 { -y } else { y });
            if (if across > down { across } else { down }) == ring {
                places[next] = (x, y);
                next += 1;
            }
            place += 1;
        }
        ring += 1;
    }
    places
};

fn ordered(one: f64, other: f64) -> (f64, f64) {
    if one > other { (one, other) } else { (other, one) }
}

fn number(count: usize) -> f64 {
    u32::try_from(count).map_or(f64::MAX, f64::from)
}

/// A length in whole pixels or modules; nothing for what is below zero or no number.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "such a cast stops at the ends of the range"
)]
fn whole(length: f64) -> usize {
    length as usize
}

/// Below it, the lines between the corners are no timing patterns.
const LEAST_TIMING: f64 = 0.7;

/// Above it, they are nothing else.
const SURE_TIMING: f64 = 0.9;

/// Places of 25 in which an alignment mark may differ.
const MAX_UNLIKE: u32 = 5;

/// Alignment marks that are tried as a code's last.
const MAX_MARKS: usize = 4;

/// Pixels asked for in one look until no more codes are tried. A sheet of fifty codes needs a tenth of them.
const MAX_GLANCES: u64 = 10_000_000;

/// Reading a code costs as much as looking at a small picture; honest pictures need few.
const MAX_TRIES: usize = 200;
