use std::ops::Range;

use thiserror::Error;

/// What is wrong with a recipe, where, and what to write instead. Lines and columns count from 1, columns in characters.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("line {line}, column {column}: {what}")]
pub struct RecipeError {
    /// The line.
    pub line: usize,
    /// The character in it.
    pub column: usize,
    /// What is wrong.
    pub what: String,
    /// What to write instead.
    pub hint: String,
}

impl RecipeError {
    pub(crate) fn at(text: &str, span: Range<usize>, what: String, hint: String) -> Self {
        let before = text.get(..span.start.min(text.len())).unwrap_or(text);
        let line = before.matches('\n').count() + 1;
        let column = before.rsplit('\n').next().unwrap_or_default().chars().count() + 1;
        Self { line, column, what, hint }
    }
}
