//! Which of a form's password fields is which: every order that makes sense is weighed as a whole.

use super::field::{AutoToken, DescribedField, FieldRole};
use crate::words::Concept;

/// The best reading of a form's password fields.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct PasswordReading {
    /// One role a field, in the fields' order.
    pub(crate) roles: Vec<FieldRole>,
    pub(crate) score: f32,
    /// How far ahead of the next best it is.
    pub(crate) margin: f32,
}

use FieldRole::{CurrentPassword as Old, NewPassword as New, RepeatPassword as Repeat};

/// The orders that make sense, with what speaks for each before anything is read.
const ORDERS: &[(&[FieldRole], f32)] = &[
    (&[Old], 0.6),
    (&[New], 0.0),
    (&[New, Repeat], 0.6),
    (&[Old, New], 0.3),
    (&[New, Old], -0.6),
    (&[Old, New, Repeat], 1.5),
    (&[New, Repeat, Old], 0.3),
    (&[New, Old, Repeat], -1.0),
    (&[Repeat, New, Old], -2.0),
];

/// Weighs every order. `changing` says how much around the form speaks of setting a new password (negative: of signing
/// in). `None` for more than three fields.
pub(crate) fn read(fields: &[&DescribedField<'_>], changing: f32) -> Option<PasswordReading> {
    // Tokens that are wrong once in a form are wrong throughout; and nobody has two current passwords.
    let current = fields.iter().filter(|field| field.token == AutoToken::CurrentPassword).count();
    let new = fields.iter().filter(|field| field.token == AutoToken::NewPassword).count();
    let tokens = current <= 1 && new <= 2 && !fields.iter().any(|field| field.contradicts_its_token());
    let mut weighed: Vec<(f32, &[FieldRole])> = ORDERS
        .iter()
        .filter(|(roles, _)| roles.len() == fields.len())
        .map(|(roles, before)| {
            let each: f32 = fields.iter().zip(*roles).map(|(field, role)| weight(field, *role, tokens)).sum();
            let around = if roles.contains(&New) { changing } else { -changing };
            (before + each + around + alike(fields, roles), *roles)
        })
        .collect();
    weighed.sort_by(|a, b| b.0.total_cmp(&a.0));
    let (score, roles) = *weighed.first()?;
    let next = weighed.get(1).map_or(f32::NEG_INFINITY, |next| next.0);
    Some(PasswordReading { roles: roles.to_vec(), score, margin: (score - next).min(9.0) })
}

/// What speaks for one field having one role.
fn weight(field: &DescribedField<'_>, role: FieldRole, tokens: bool) -> f32 {
    let new = field.weight(Concept::New);
    let old = field.weight(Concept::Old);
    let repeat = field.weight(Concept::Repeat);
    let limits = f32::from(u8::from(field.field.min_length.is_some() || !field.field.pattern.is_empty()));
    let token = |wanted: AutoToken| match field.token {
        _ if !tokens => 0.0,
        token if token == wanted => 2.0,
        AutoToken::CurrentPassword | AutoToken::NewPassword => -1.0,
        _ => 0.0,
    };
    match role {
        FieldRole::CurrentPassword => token(AutoToken::CurrentPassword) + old - new - repeat * 0.6 - limits * 0.5,
        // "New password, again" says both.
        FieldRole::NewPassword => token(AutoToken::NewPassword) + new - old - repeat * 0.8 + limits * 0.4,
        FieldRole::RepeatPassword => token(AutoToken::NewPassword) + repeat + new * 0.3 - old + limits * 0.2,
        _ => 0.0,
    }
}

/// The new password and its repetition obey the same limits; the old one seldom has any.
fn alike(fields: &[&DescribedField<'_>], roles: &[FieldRole]) -> f32 {
    let limits = |read: &DescribedField<'_>| (read.field.min_length, read.field.max_length, read.field.pattern.clone());
    let of = |role: FieldRole| roles.iter().position(|one| *one == role).and_then(|index| fields.get(index));
    match (of(New), of(Repeat), of(Old)) {
        (Some(new), Some(repeat), _) if limits(new) != limits(repeat) => -0.8,
        (Some(new), None, Some(old)) if limits(new) != limits(old) => 0.5,
        _ => 0.0,
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use countersign_snapshot::{Field, FieldKind, Words};

    use super::*;

    fn reading(labels: &[(&str, &str)], changing: f32) -> PasswordReading {
        let fields: Vec<Field> = labels
            .iter()
            .map(|(label, token)| Field {
                kind: FieldKind::Password,
                words: Words { label: (*label).into(), ..Words::default() },
                autocomplete: (*token).into(),
                ..Field::default()
            })
            .collect();
        let reads: Vec<DescribedField<'_>> =
            fields.iter().map(|field| DescribedField::of(field, &BTreeSet::new())).collect();
        read(&reads.iter().collect::<Vec<_>>(), changing).unwrap()
    }

    #[test]
    fn orders_are_read_from_words_tokens_or_structure() {
        for (labels, roles) in [
            (&[("Password", "")][..], &[Old][..]),
            (&[("", ""), ("", ""), ("", "")], &[Old, New, Repeat]),
            (&[("Old password", ""), ("New password", ""), ("New password, again", "")], &[Old, New, Repeat]),
            (&[("Neues Passwort", ""), ("Passwort wiederholen", ""), ("Aktuelles Passwort", "")], &[New, Repeat, Old]),
            (&[("Contraseña actual", ""), ("Nueva contraseña", "")], &[Old, New]),
            (&[("Nouveau mot de passe", ""), ("Confirmez le mot de passe", "")], &[New, Repeat]),
            (&[("", "current-password"), ("", "new-password")], &[Old, New]),
            (&[("", "new-password"), ("", "new-password")], &[New, Repeat]),
            (&[("", "new-password")], &[New]),
            (&[("", ""), ("Old password", "")], &[New, Old]),
            (&[("", "new-password"), ("", "current-password"), ("", "current-password")], &[Old, New, Repeat]),
            // Tokens that are not true are outweighed by what a person reads.
            (
                &[
                    ("Old password", "new-password"),
                    ("New password", "current-password"),
                    ("Repeat it", "current-password"),
                ],
                &[Old, New, Repeat],
            ),
        ] {
            let reading = reading(labels, 0.0);
            assert_eq!(reading.roles, roles, "{labels:?}: {reading:?}");
        }
    }

    #[test]
    fn what_is_not_said_is_not_certain() {
        assert!(reading(&[("", ""), ("", "")], 0.0).margin < 0.7);
        assert!(reading(&[("Old password", ""), ("New password", "")], 0.0).margin > 3.0);
        assert_eq!(reading(&[("Password", "")], 2.0).roles, [New]);
    }
}
