//! Text with places for secrets: `{{ cs://NAME/FIELD }}`.

use crate::args::reference::{Reference, SCHEME};

/// A part of a template.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Piece<'a> {
    Text(&'a str),
    Secret(Reference, Place),
}

/// Where something stands, both from 1 on; columns are characters.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Place {
    line: usize,
    column: usize,
}

impl std::fmt::Display for Place {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "line {}, column {}", self.line, self.column)
    }
}

impl Place {
    fn of(text: &str, at: usize) -> Self {
        let before = text.get(..at).unwrap_or(text);
        let line = before.matches('\n').count() + 1;
        let column = before.rsplit('\n').next().unwrap_or_default().chars().count() + 1;
        Self { line, column }
    }
}

/// Splits a template. Double braces around anything else are text: other programs use them too.
pub(crate) fn split(text: &str) -> Result<Vec<Piece<'_>>, (Place, String)> {
    let mut pieces = Vec::new();
    let (mut text_from, mut look_from) = (0, 0);
    while let Some(open) = text.get(look_from..).and_then(|rest| rest.find("{{")).map(|at| at + look_from) {
        let inside = text.get(open + 2..).unwrap_or_default();
        let begin = text.len() - inside.trim_start_matches([' ', '\t']).len();
        let inside = text.get(begin..).unwrap_or_default();
        if !inside.starts_with(SCHEME) {
            // Of three braces the last two count.
            look_from = open + 1;
            continue;
        }
        let line = inside.lines().next().unwrap_or_default();
        let place = Place::of(text, begin);
        let Some(length) = line.find("}}") else {
            return Err((place, "the reference is not closed: write {{ cs://NAME/FIELD }} in one line".to_owned()));
        };
        let reference = line.get(..length).unwrap_or_default().trim_end();
        let reference = reference.parse::<Reference>().map_err(|error| (place, error))?;
        pieces.push(Piece::Text(text.get(text_from..open).unwrap_or_default()));
        pieces.push(Piece::Secret(reference, place));
        text_from = begin + length + 2;
        look_from = text_from;
    }
    pieces.push(Piece::Text(text.get(text_from..).unwrap_or_default()));
    pieces.retain(|piece| *piece != Piece::Text(""));
    Ok(pieces)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn secret(text: &str, line: usize, column: usize) -> Piece<'static> {
        Piece::Secret(text.parse().unwrap(), Place { line, column })
    }

    #[test]
    fn places_are_found_and_all_else_stays() {
        for (text, pieces) in [
            ("", vec![]),
            ("a {{ .Values.x }} }} {{", vec![Piece::Text("a {{ .Values.x }} }} {{")]),
            (
                "ü: {{cs://Shop/token}}\n{{  cs://Shop front/password\t}}x",
                vec![
                    Piece::Text("ü: "),
                    secret("cs://Shop/token", 1, 6),
                    Piece::Text("\n"),
                    secret("cs://Shop front/password", 2, 5),
                    Piece::Text("x"),
                ],
            ),
            ("{{{cs://a/site}}}", vec![Piece::Text("{"), secret("cs://a/site", 1, 4), Piece::Text("}")]),
            ("{{ {{ cs://a/site }}", vec![Piece::Text("{{ "), secret("cs://a/site", 1, 7)]),
        ] {
            assert_eq!(split(text).unwrap(), pieces, "{text:?}");
        }
    }

    #[test]
    fn what_is_wrong_is_said_with_its_place() {
        for (text, place, says) in [
            ("a\r\n  {{ cs://Shop/pin }}", "line 2, column 6", "\"pin\" is no field"),
            ("{{ cs://Shop/token }\n}}", "line 1, column 4", "not closed"),
            ("{{cs://Shop/token", "line 1, column 3", "not closed"),
        ] {
            let (at, error) = split(text).unwrap_err();
            assert_eq!(at.to_string(), place, "{text:?}");
            assert!(error.contains(says), "{text:?}: {error}");
        }
    }
}
