//! Names like the one that was given, for when there is no credential of that name.

use super::http::Client;
use crate::failure::Problem;

/// Of so many credentials at the most the names are compared: a hint is not worth more.
const COMPARED: usize = 5_000;
/// At the most so many are named.
const NAMED: usize = 3;

/// Adds to an error about a credential that is not there which names come near to it, among those that one may see.
pub(crate) async fn add_hint(error: &mut anyhow::Error) {
    let Some(problem) = error.downcast_mut::<Problem>() else { return };
    let Some(asked) = problem.asked.take().filter(|_| problem.name() == "not-found") else { return };
    if problem.detail != "there is no such credential" {
        return;
    }
    let Ok(names) = names().await else { return };
    if let Some(hint) = hint(&asked, &names) {
        problem.hint = Some(hint);
    }
}

async fn names() -> anyhow::Result<Vec<String>> {
    let found = Client::from_environment()?.all("/api/v1/credentials", &[], COMPARED).await?;
    Ok(found.iter().filter_map(|one| one.get("name")?.as_str().map(str::to_owned)).collect())
}

fn hint(asked: &str, names: &[String]) -> Option<String> {
    let near: Vec<String> = nearest(asked, names).into_iter().map(|name| format!("{name:?}")).collect();
    let (last, others) = near.split_last()?;
    Some(match others {
        [] => format!("you may see no credential {asked:?}; did you mean {last}?"),
        others => format!("you may see no credential {asked:?}; did you mean {} or {last}?", others.join(", ")),
    })
}

/// Names that a few mistakes of typing lead to, and those that what was given is a part of; the nearest first.
fn nearest<'a>(asked: &str, names: &'a [String]) -> Vec<&'a str> {
    let asked = asked.to_lowercase();
    let length = asked.chars().count();
    // Of short names each mistake is a greater part.
    let allowed = (length / 3).clamp(1, 4);
    let mut found: Vec<(usize, &str)> = Vec::new();
    for name in names {
        let lower = name.to_lowercase();
        let distance = strsim::osa_distance(&asked, &lower);
        if distance <= allowed {
            found.push((distance, name));
        } else if length >= 3 && (lower.contains(&asked) || asked.contains(&lower) && lower.chars().count() >= 3) {
            found.push((allowed + distance, name));
        }
    }
    found.sort_unstable();
    found.into_iter().take(NAMED).map(|(_, name)| name).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn near_names_are_named_and_others_are_not() {
        let names = ["Shop", "Shop admin", "Ship", "Bank", "Bücherei", "K"].map(str::to_owned);
        for (asked, expected) in [
            ("Shpo", Some("did you mean \"Shop\"?")),
            ("shop", Some("did you mean \"Shop\", \"Ship\" or \"Shop admin\"?")),
            ("Bucherei", Some("did you mean \"Bücherei\"?")),
            ("admin", Some("did you mean \"Shop admin\"?")),
            ("the bank", Some("did you mean \"Bank\"?")),
            ("Telephone", None),
            ("", Some("did you mean \"K\"?")),
        ] {
            let expected = expected.map(|text| format!("you may see no credential {asked:?}; {text}"));
            assert_eq!(hint(asked, &names), expected, "{asked}");
        }
    }
}
