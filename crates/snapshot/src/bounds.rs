use serde::{Deserialize, Serialize};

/// Where something stands, in CSS pixels of the window's content; may lie outside of what is scrolled into view.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Bounds {
    /// Left edge.
    pub x: i32,
    /// Upper edge.
    pub y: i32,
    /// Width.
    pub w: i32,
    /// Height.
    pub h: i32,
}

impl Bounds {
    /// The first column to the right of it.
    pub const fn right(self) -> i32 {
        self.x.saturating_add(self.w)
    }

    /// The first row below it.
    pub const fn bottom(self) -> i32 {
        self.y.saturating_add(self.h)
    }

    /// Its middle, as (x, y).
    pub const fn middle(self) -> (i32, i32) {
        (self.x.saturating_add(self.w / 2), self.y.saturating_add(self.h / 2))
    }

    /// Whether nothing of it can be seen.
    pub const fn is_empty(self) -> bool {
        self.w <= 0 || self.h <= 0
    }

    /// Whether both share at least one row.
    pub const fn shares_rows_with(self, other: Self) -> bool {
        self.y < other.bottom() && other.y < self.bottom()
    }

    /// Whether both share at least one column.
    pub const fn shares_columns_with(self, other: Self) -> bool {
        self.x < other.right() && other.x < self.right()
    }

    /// The same place seen from a window in which its frame stands at (`x`, `y`).
    #[must_use]
    pub const fn moved(self, x: i32, y: i32) -> Self {
        Self { x: self.x.saturating_add(x), y: self.y.saturating_add(y), w: self.w, h: self.h }
    }
}

/// Width and height in CSS pixels.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Size {
    /// Width.
    pub w: u32,
    /// Height.
    pub h: u32,
}
