//! Points of a picture and the projection that lays a flat code into it.

/// A place in a picture or in a code, the first pixel or module reaching from 0 to 1.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Point {
    pub(crate) x: f64,
    pub(crate) y: f64,
}

impl Point {
    pub(crate) fn to(self, other: Self) -> Self {
        Self { x: other.x - self.x, y: other.y - self.y }
    }

    pub(crate) fn plus(self, other: Self, times: f64) -> Self {
        Self { x: self.x + other.x * times, y: self.y + other.y * times }
    }

    pub(crate) fn scaled(self, times: f64) -> Self {
        Self { x: self.x * times, y: self.y * times }
    }

    pub(crate) fn length(self) -> f64 {
        self.x.hypot(self.y)
    }

    pub(crate) fn dot(self, other: Self) -> f64 {
        self.x * other.x + self.y * other.y
    }

    /// Above zero when `other` is to the right of `self`, on a picture whose rows go down.
    pub(crate) fn cross(self, other: Self) -> f64 {
        self.x * other.y - self.y * other.x
    }
}

/// How a plane is seen by a camera: eight numbers, the ninth being 1.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Projection([f64; 8]);

impl Projection {
    /// The one that takes the first of each pair as near as possible to the second; `None` for fewer than four pairs
    /// and for pairs that leave it open.
    pub(crate) fn fit(pairs: &[(Point, Point)]) -> Option<Self> {
        if pairs.len() < 4 {
            return None;
        }
        // Two equations a pair; their normal equations, eight rows with the right side as the ninth number.
        let mut rows = [[0.0; 9]; 8];
        for (from, to) in pairs {
            let (u, v, x, y) = (from.x, from.y, to.x, to.y);
            let across = [u, v, 1.0, 0.0, 0.0, 0.0, -u * x, -v * x, x];
            let down = [0.0, 0.0, 0.0, u, v, 1.0, -u * y, -v * y, y];
            for equation in [across, down] {
                for (row, factor) in rows.iter_mut().zip(equation) {
                    row.iter_mut().zip(equation).for_each(|(cell, value)| *cell += factor * value);
                }
            }
        }
        solve(rows).map(Self)
    }

    pub(crate) fn map(&self, x: f64, y: f64) -> Point {
        let [a, b, c, d, e, f, g, h] = self.0;
        let depth = g * x + h * y + 1.0;
        Point { x: (a * x + b * y + c) / depth, y: (d * x + e * y + f) / depth }
    }
}

/// Gauss's elimination, the largest pivot first.
fn solve(mut rows: [[f64; 9]; 8]) -> Option<[f64; 8]> {
    for column in 0..8 {
        let pivot = (column..8).max_by(|one, other| rows[*one][column].abs().total_cmp(&rows[*other][column].abs()))?;
        rows.swap(column, pivot);
        let leading = rows[column];
        if leading[column].abs() < 1e-9 {
            return None;
        }
        for (at, row) in rows.iter_mut().enumerate() {
            if at != column {
                let factor = row[column] / leading[column];
                row.iter_mut().zip(leading).for_each(|(cell, value)| *cell -= factor * value);
            }
        }
    }
    let solution = std::array::from_fn(|at| rows[at][8] / rows[at][at]);
    solution.iter().all(|value: &f64| value.is_finite()).then_some(solution)
}

#[cfg(test)]
mod tests {
    use super::{Point, Projection};

    #[test]
    fn a_projection_takes_four_corners_where_they_belong() {
        let square = [(0.0, 0.0), (1.0, 0.0), (1.0, 1.0), (0.0, 1.0)].map(|(x, y)| Point { x, y });
        let seen = [(10.0, 20.0), (200.0, 35.0), (180.0, 190.0), (25.0, 230.0)].map(|(x, y)| Point { x, y });
        let pairs: Vec<_> = square.into_iter().zip(seen).collect();
        let projection = Projection::fit(&pairs).unwrap();
        for (from, to) in &pairs {
            assert!(projection.map(from.x, from.y).to(*to).length() < 1e-6);
        }
        assert!(Projection::fit(&pairs[..3]).is_none());
        assert!(Projection::fit(&[pairs[0]; 4]).is_none(), "one point four times leaves it open");
    }
}
