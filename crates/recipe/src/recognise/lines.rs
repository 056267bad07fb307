//! Which of a form's lines takes what: the name, the token, the answer to a puzzle.

use countersign_snapshot::{FieldKind, Image};

use super::{
    field::{AutoToken, DescribedField},
    form::DescribedForm,
};
use crate::words::Concept;

/// The name: the best line that could be one, near before the first password.
pub(super) fn username(
    open: &[&DescribedField<'_>],
    password: Option<&DescribedField<'_>>,
    code: Option<u32>,
    puzzle: Option<u32>,
) -> Option<(u32, f32)> {
    let before = password.map_or(u32::MAX, |password| password.field.order);
    let nearest = open.iter().filter(|line| line.field.order < before).map(|line| line.field.order).max();
    open.iter()
        .filter(|line| Some(line.field.node) != code && Some(line.field.node) != puzzle)
        .filter(|line| {
            !line.foreign && !line.is_puzzle() && !line.is_question() && !line.is_pin() && !line.is_of_a_card()
        })
        .map(|line| {
            let near = password.is_some() && Some(line.field.order) == nearest;
            // The only line before the only password is the name, whatever its attributes say.
            let alone = near && open.len() == 1 + usize::from(code.is_some()) + usize::from(puzzle.is_some());
            let structure = if alone {
                3.2
            } else if near {
                1.5
            } else {
                0.0
            };
            (line.field.node, line.username() + structure)
        })
        .filter(|(_, score)| *score >= 1.0)
        .max_by(|a, b| a.1.total_cmp(&b.1))
}

/// The only line of a form that speaks of signing in, and says nothing of itself: icons do for words.
pub(super) fn silent_name(
    form: &DescribedForm<'_>,
    open: &[&DescribedField<'_>],
    passwords: &[&DescribedField<'_>],
) -> Option<(u32, f32)> {
    let around = &form.around;
    let signs_in = around.weight(Concept::SignIn) >= 1.0 || around.helps_who_forgot() >= 1.0;
    match open {
        [line]
            if passwords.is_empty()
                && signs_in
                && form.images.is_empty()
                && line.is_silent()
                && !line.is_numeric()
                && !line.is_question()
                && !line.is_puzzle() =>
        {
            Some((line.field.node, 1.0))
        }
        _ => None,
    }
}

/// A line with little to say for itself, alone in a form that speaks of codes.
pub(super) fn alone_in_code_air(
    form: &DescribedForm<'_>,
    open: &[&DescribedField<'_>],
    line: &DescribedField<'_>,
) -> bool {
    open.len() == 1
        && !form.lines.iter().any(DescribedField::is_password)
        && form.around.weight(Concept::Code).max(form.around.weight(Concept::Authenticator)) >= 1.4
        && !line.says(Concept::Human)
}

/// A line that says nothing of itself and is the only one after name and password: what else than a token?
pub(super) fn nameless_after_password(
    form: &DescribedForm<'_>,
    open: &[&DescribedField<'_>],
    passwords: &[&DescribedField<'_>],
    line: &DescribedField<'_>,
) -> bool {
    let [password] = passwords else { return false };
    let after = open.iter().filter(|one| one.field.order > password.field.order).count();
    after == 1
        && line.is_silent()
        && (matches!(line.token, AutoToken::None | AutoToken::OneTimeCode) || line.says_code() && line.is_numeric())
        && line.field.order > password.field.order
        && form.others == 0
        && form.images.is_empty()
}

/// Boxes that take one character each: at least four of a kind in a row.
pub(super) fn digit_boxes(form: &DescribedForm<'_>) -> Vec<u32> {
    let mut best: Vec<&DescribedField<'_>> = Vec::new();
    let mut run: Vec<&DescribedField<'_>> = Vec::new();
    for line in &form.lines {
        let same = run.last().is_none_or(|last| {
            let (a, b) = (last.field.place, line.field.place);
            a.w.abs_diff(b.w) <= 4 && a.h.abs_diff(b.h) <= 4
        });
        let one = line.field.max_length == Some(1)
            || (line.field.place.w > 0
                && line.field.place.w <= 80
                && line.field.max_length.is_none_or(|most| most <= 10));
        let one = one && !line.foreign && !line.is_puzzle();
        if !(one && same) {
            run.clear();
        }
        if one {
            run.push(line);
        }
        if run.len() > best.len() {
            best.clone_from(&run);
        }
    }
    let single = best.iter().filter(|line| line.field.max_length == Some(1)).count();
    if (4..=10).contains(&best.len()) && (single + 1 >= best.len() || is_row_of_numbers(&best)) {
        best.iter().map(|line| line.field.node).collect()
    } else {
        Vec::new()
    }
}

/// Narrow boxes for digits side by side, none of which says how much it takes.
fn is_row_of_numbers(boxes: &[&DescribedField<'_>]) -> bool {
    let digit = |line: &&DescribedField<'_>| line.is_numeric() || line.token == AutoToken::OneTimeCode;
    let beside = |pair: &[&DescribedField<'_>]| {
        let (a, b) = (pair[0].field.place, pair[1].field.place);
        a.shares_rows_with(b) && b.x >= a.right() - 2 && b.x - a.right() <= 48
    };
    let says_other = |line: &&DescribedField<'_>| line.token == AutoToken::Card || line.is_of_a_card();
    boxes.iter().all(|line| digit(line) && line.field.place.w <= 64 && !says_other(line))
        && boxes.windows(2).all(beside)
}

/// A line that a person has to fill: it says so, it stands under a question, or its answer stands in a snapshot beside it.
pub(super) fn puzzle(form: &DescribedForm<'_>, open: &[&DescribedField<'_>], with_password: bool) -> Option<u32> {
    let pictured = form.images.iter().any(|image| is_legible(image));
    open.iter()
        .map(|line| {
            let mut score = line.weight(Concept::Human);
            score += if line.is_puzzle() { 2.0 } else { 0.0 };
            score += if with_password && line.is_question() { 2.0 } else { 0.0 };
            let names_something = line.username() >= 2.0 || line.code() >= 2.5;
            if pictured && !names_something {
                score += 1.0 + form.around.weight(Concept::Human).min(1.5);
                score += if behind_a_picture(form, line) { 1.0 } else { 0.0 };
            }
            if line.token == AutoToken::Other || line.says(Concept::Search) {
                score -= 2.0;
            }
            (line.field.node, score)
        })
        .filter(|(_, score)| *score >= 1.8)
        .max_by(|a, b| a.1.total_cmp(&b.1))
        .map(|(node, _)| node)
}

fn is_legible(image: &Image) -> bool {
    (60..=500).contains(&image.place.w) && (20..=250).contains(&image.place.h)
}

/// Whether the snapshot stands between this line and those before: a logo stands above all of them.
fn behind_a_picture(form: &DescribedForm<'_>, line: &DescribedField<'_>) -> bool {
    let before = form.lines.iter().map(|one| one.field.order).filter(|order| *order < line.field.order).max();
    let between = |image: &&&Image| image.order < line.field.order && Some(image.order) > before;
    before.is_some() && form.images.iter().filter(between).any(|image| is_legible(image))
}

/// Whether the code was sent somewhere, rather than made by an app.
pub(super) fn sent(form: &DescribedForm<'_>, code: Option<&DescribedField<'_>>) -> bool {
    let own = code.map_or(0.0, |line| {
        let mailed = line.weight(Concept::Sent).max(line.weight(Concept::Email)).max(line.weight(Concept::Phone));
        mailed - line.weight(Concept::Authenticator)
    });
    let air = |concept| form.around.weight(concept);
    let mut score = own + air(Concept::Sent) + air(Concept::NewDevice) * 0.5;
    score += air(Concept::Email).max(air(Concept::Phone)) * 0.5;
    score - air(Concept::Authenticator) * 1.2 > 0.6
}

/// The box that makes this browser a trusted one. "Remember me" is another one, and is left alone.
pub(super) fn trust_box(form: &DescribedForm<'_>) -> Option<u32> {
    let boxes = form.boxes.iter().filter(|one| one.field.kind == FieldKind::Checkbox);
    let trusts =
        |one: &&DescribedField<'_>| one.said.has(Concept::Trust) || (!one.named && one.near.has(Concept::Trust));
    boxes.filter(trusts).map(|one| one.field.node).next()
}
