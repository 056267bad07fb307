//! Plots as SVG, by both axes in powers: readable on light and dark pages, by shape as well as by colour.

use std::fmt::Write as _;

const WIDTH: f64 = 640.0;
const HEIGHT: f64 = 360.0;
/// Room for labels around the field: left, right, top, bottom.
const LEFT: f64 = 78.0;
const RIGHT: f64 = 24.0;
const TOP: f64 = 78.0;
const BOTTOM: f64 = 54.0;

const STYLE: &str = "\
svg { color-scheme: light dark; }
text { font: 13px system-ui, sans-serif; fill: #1f2328; }
.title { font-size: 15px; font-weight: 600; }
.page { fill: #ffffff; }
.grid { stroke: #d1d9e0; }
.line { fill: none; stroke-width: 2; }
.s0 { stroke: #0969da; } .m0 { fill: #0969da; }
.s1 { stroke: #bc4c00; } .m1 { fill: #bc4c00; }
.s2 { stroke: #1a7f37; } .m2 { fill: #1a7f37; }
@media (prefers-color-scheme: dark) {
text { fill: #f0f6fc; }
.page { fill: #0d1117; }
.grid { stroke: #3d444d; }
.s0 { stroke: #4493f8; } .m0 { fill: #4493f8; }
.s1 { stroke: #f0883e; } .m1 { fill: #f0883e; }
.s2 { stroke: #3fb950; } .m2 { fill: #3fb950; }
}
";

/// Figures over one growing number. All are above zero.
pub(crate) struct Plot {
    /// What is shown.
    pub(crate) title: &'static str,
    /// What grows, and its unit.
    pub(crate) across: &'static str,
    /// What is measured, and its unit.
    pub(crate) up: &'static str,
    /// One line each; three at most.
    pub(crate) series: Vec<Series>,
}

/// One line of a plot.
pub(crate) struct Series {
    /// What the legend says.
    pub(crate) name: &'static str,
    /// Across and up, from left to right.
    pub(crate) points: Vec<(f64, f64)>,
}

impl Plot {
    /// The whole picture.
    pub(crate) fn svg(&self) -> String {
        let points = || self.series.iter().flat_map(|series| &series.points);
        let mut columns: Vec<f64> = points().map(|point| point.0).collect();
        columns.sort_by(f64::total_cmp);
        columns.dedup();
        let across = Scale::over(columns.iter().copied(), LEFT, WIDTH - RIGHT);
        let rows = ticks(points().map(|point| point.1));
        let up = Scale::over(rows.iter().copied(), HEIGHT - BOTTOM, TOP);
        let mut svg = String::new();
        self.head(&mut svg);
        for row in rows {
            let (y, label) = (up.place(row), grouped(row));
            let _ = writeln!(svg, r#"<path class="grid" d="M{LEFT} {y:.1}H{:.1}"/>"#, WIDTH - RIGHT);
            let _ = writeln!(svg, r#"<text x="{:.1}" y="{:.1}" text-anchor="end">{label}</text>"#, LEFT - 8.0, y + 4.5);
        }
        for column in columns {
            let (x, label) = (across.place(column), grouped(column));
            let y = HEIGHT - BOTTOM;
            let _ = writeln!(svg, r#"<path class="grid" d="M{x:.1} {y}v5"/>"#);
            let _ = writeln!(svg, r#"<text x="{x:.1}" y="{:.1}" text-anchor="middle">{label}</text>"#, y + 20.0);
        }
        for (place, series) in self.series.iter().enumerate() {
            let at: Vec<_> = series.points.iter().map(|point| (across.place(point.0), up.place(point.1))).collect();
            let path: Vec<_> = at.iter().map(|(x, y)| format!("{x:.1} {y:.1}")).collect();
            let _ = writeln!(svg, r#"<path class="line s{place}" d="M{}"/>"#, path.join("L"));
            for (x, y) in at {
                mark(&mut svg, place, x, y);
            }
        }
        svg.push_str("</svg>\n");
        svg
    }

    /// Up to the legend.
    fn head(&self, svg: &mut String) {
        let Self { title, across, up, series } = self;
        let _ = writeln!(
            svg,
            r#"<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" width="{WIDTH}" height="{HEIGHT}" role="img">"#
        );
        let figures: Vec<_> = series.iter().map(Series::said).collect();
        let _ = writeln!(svg, "<title>{}</title>\n<desc>{}</desc>", escaped(title), escaped(&figures.join(". ")));
        let _ = write!(svg, "<style>\n{STYLE}</style>\n<rect class=\"page\" width=\"{WIDTH}\" height=\"{HEIGHT}\"/>\n");
        let _ = writeln!(svg, r#"<text class="title" x="16" y="26">{}</text>"#, escaped(title));
        let _ = writeln!(svg, r#"<text x="16" y="{:.1}">{}</text>"#, TOP - 12.0, escaped(up));
        let middle = f64::midpoint(LEFT, WIDTH - RIGHT);
        let _ = writeln!(
            svg,
            r#"<text x="{middle}" y="{:.1}" text-anchor="middle">{}</text>"#,
            HEIGHT - 10.0,
            escaped(across)
        );
        let mut x = 24.0;
        for (place, series) in series.iter().enumerate() {
            mark(svg, place, x, 42.0);
            let _ = writeln!(svg, r#"<text x="{:.1}" y="46.5">{}</text>"#, x + 12.0, escaped(series.name));
            #[expect(clippy::cast_precision_loss, reason = "letters of a name")]
            let width = series.name.chars().count() as f64 * 7.0;
            x += 36.0 + width;
        }
    }
}

impl Series {
    /// Its figures in words, for who does not see them.
    fn said(&self) -> String {
        let points: Vec<_> = self.points.iter().map(|(x, y)| format!("{} at {}", rounded(*y), grouped(*x))).collect();
        format!("{}: {}", self.name, points.join(", "))
    }
}

/// A line's own shape: circle, square, diamond.
fn mark(svg: &mut String, place: usize, x: f64, y: f64) {
    let _ = match place {
        0 => writeln!(svg, r#"<circle class="m0" cx="{x:.1}" cy="{y:.1}" r="4"/>"#),
        1 => {
            writeln!(svg, r#"<rect class="m1" x="{:.1}" y="{:.1}" width="8" height="8"/>"#, x - 4.0, y - 4.0)
        }
        _ => writeln!(svg, r#"<path class="m{place}" d="M{x:.1} {:.1}l5 5-5 5-5-5z"/>"#, y - 5.0),
    };
}

/// From figures to places, by powers.
struct Scale {
    least: f64,
    most: f64,
    from: f64,
    to: f64,
}

impl Scale {
    fn over(figures: impl Iterator<Item = f64> + Clone, from: f64, to: f64) -> Self {
        let least = figures.clone().fold(f64::INFINITY, f64::min).log10();
        let most = figures.fold(f64::NEG_INFINITY, f64::max).log10();
        Self { least, most, from, to }
    }

    fn place(&self, figure: f64) -> f64 {
        let share = if self.most > self.least { (figure.log10() - self.least) / (self.most - self.least) } else { 0.5 };
        self.from + share * (self.to - self.from)
    }
}

/// Round figures that enclose all: powers of ten, and where those are few, 2 and 5 of each too.
fn ticks(figures: impl Iterator<Item = f64> + Clone) -> Vec<f64> {
    let least = figures.clone().fold(f64::INFINITY, f64::min);
    let most = figures.fold(f64::NEG_INFINITY, f64::max);
    let factors: &[f64] = if most / least > 200.0 { &[1.0] } else { &[1.0, 2.0, 5.0] };
    let all: Vec<f64> =
        (-6..=9).flat_map(|power| factors.iter().map(move |factor| factor * 10_f64.powi(power))).collect();
    // Powers are not exact: a figure that lies on one belongs to it.
    let first = all.iter().rposition(|tick| *tick <= least * 1.000_001).unwrap_or(0);
    let last = all.iter().position(|tick| *tick >= most * 0.999_999).unwrap_or(all.len() - 1);
    all[first..=last.max(first + 1)].to_vec()
}

/// As people write it: `1,000,000`, `0.5`.
fn grouped(figure: f64) -> String {
    let text = rounded(figure);
    let (whole, rest) = text.split_once('.').map_or((text.as_str(), None), |(whole, rest)| (whole, Some(rest)));
    let mut out = String::new();
    for (place, digit) in whole.chars().enumerate() {
        if place > 0 && (whole.len() - place).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    rest.map_or(out.clone(), |rest| format!("{out}.{rest}"))
}

/// Three digits that count are enough.
fn rounded(figure: f64) -> String {
    let text = match figure {
        _ if figure >= 100.0 => format!("{figure:.0}"),
        _ if figure >= 10.0 => format!("{figure:.1}"),
        _ => format!("{figure:.3}"),
    };
    if text.contains('.') { text.trim_end_matches('0').trim_end_matches('.').to_owned() } else { text }
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

#[cfg(test)]
mod tests {
    use super::{Plot, Series, grouped, ticks};

    #[test]
    fn ticks_are_round_and_enclose_all_figures() {
        let cases: [(&[f64], &[f64]); 4] = [
            (&[3.0, 70.0], &[2.0, 5.0, 10.0, 20.0, 50.0, 100.0]),
            (&[1.0, 2_000.0], &[1.0, 10.0, 100.0, 1_000.0, 10_000.0]),
            (&[5.0], &[5.0, 10.0]),
            (&[0.3, 0.4], &[0.2, 0.5]),
        ];
        for (figures, expected) in cases {
            let found = ticks(figures.iter().copied());
            assert_eq!(found.len(), expected.len(), "{figures:?}: {found:?}");
            assert!(found.iter().zip(expected).all(|(a, b)| (a / b - 1.0).abs() < 1e-9), "{figures:?}: {found:?}");
        }
    }

    #[test]
    fn figures_are_written_as_people_write_them() {
        for (figure, text) in [(1e6, "1,000,000"), (1_024.0, "1,024"), (0.5, "0.5"), (10.0, "10"), (12.34, "12.3")] {
            assert_eq!(grouped(figure), text);
        }
    }

    #[test]
    fn a_plot_has_its_words_and_every_point() {
        let series = Series { name: "reads & more", points: vec![(1.0, 10.0), (4.0, 20.0)] };
        let svg = Plot { title: "A title", across: "connections", up: "a second", series: vec![series] }.svg();
        assert!(svg.contains("<desc>reads &amp; more: 10 at 1, 20 at 4</desc>"), "{svg}");
        assert_eq!(svg.matches("<circle").count(), 3, "two points and the legend: {svg}");
        assert!(svg.contains(">connections</text>") && svg.ends_with("</svg>\n"), "{svg}");
    }
}
