//! How the page speaks to people, each as they chose it.

use countersign_model::{Preferences, UserId};

use crate::{
    args,
    engine::{Error, Select, Transaction},
    statements,
};

statements! {
    OF_PERSON = "select preferences from person_preferences where person = $1";
    PUT = "insert into person_preferences (person, preferences) values ($1, $2) \
           on conflict (person) do update set preferences = excluded.preferences";
}

/// What a person chose; nothing where they chose nothing, or only what this version does not know.
pub async fn of_person(db: &mut impl Select, person: UserId) -> Result<Preferences, Error> {
    let Some(row) = db.fetch_optional(&OF_PERSON, args![person.uuid()]).await? else {
        return Ok(Preferences::default());
    };
    let kept: serde_json::Value = serde_json::from_str(&row.get::<String>(0)?).unwrap_or_default();
    // Each by itself: a language that only a later version knows takes no time zone away.
    Ok(Preferences {
        language: kept.get("language").and_then(|it| serde_json::from_value(it.clone()).ok()).unwrap_or_default(),
        time_zone: kept.get("time_zone").and_then(|it| serde_json::from_value(it.clone()).ok()).unwrap_or_default(),
    })
}

/// Puts this in the place of what they chose before.
pub async fn put(tx: &mut Transaction, person: UserId, preferences: &Preferences) -> Result<(), Error> {
    let text = serde_json::to_string(preferences).unwrap_or_default();
    tx.execute(&PUT, args![person.uuid(), text]).await.map(drop)
}
