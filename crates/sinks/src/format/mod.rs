//! Records as other programs read them. Pure. Names in a record are what people chose, also people who mean harm: each form has its own
//! rules for what a name may not do, and none leaves a control character in it.

pub(crate) mod cef;
pub(crate) mod json;
pub(crate) mod otlp;
pub(crate) mod syslog;

use countersign_audit::{AuditEntry, Detail, Record};
use countersign_model::VaultId;

/// How much a record asks for a look.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Weight {
    /// It happens all day.
    Usual,
    /// Somebody was refused, or something failed.
    Refused,
    /// Rare, and of weight whoever did it.
    Grave,
}

impl Weight {
    pub(crate) fn of(act: &str) -> Self {
        const GRAVE: [&str; 9] = [
            "vault.key_exported",
            "vault.key_imported",
            "user.locked_out",
            "user.second_factor_reset",
            "access.emergency",
            "sink.edited",
            "sink.paused",
            "sink.removed",
            "sink.rewound",
        ];
        let (_, what) = act.split_once('.').unwrap_or(("", act));
        if GRAVE.contains(&act) {
            Self::Grave
        } else if ["denied", "refused", "failed", "in_doubt"].iter().any(|word| what.contains(word)) {
            Self::Refused
        } else {
            Self::Usual
        }
    }
}

/// One named value of a record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Field {
    pub(crate) name: String,
    pub(crate) value: String,
    /// Whether it is one of the details, which are left out where there is no room.
    pub(crate) detail: bool,
}

/// What belongs to a record beside who, what and when, which each form has places of its own for.
fn details(entry: &AuditEntry) -> Vec<Field> {
    let mut fields = Vec::new();
    for (name, detail) in &entry.details {
        let mut add = |value: String| fields.push(Field { name: format!("d_{name}"), value, detail: true });
        match detail {
            Detail::Flag(flag) => add(flag.to_string()),
            Detail::Number(number) => add(number.to_string()),
            Detail::Text(text) => add(text.clone()),
            Detail::List(list) => list.iter().for_each(|text| add(text.clone())),
        }
    }
    fields
}

/// All of a record, by the names that an export has for it. With number and log in front, a receiver can drop what comes twice.
fn fields(log: VaultId, record: &Record) -> Vec<Field> {
    let entry = &record.entry;
    let object = entry.object.as_ref();
    let parts = [
        ("log", Some(log.to_string())),
        ("seq", Some(record.seq.to_string())),
        ("act", Some(entry.act.to_string())),
        ("actor_kind", Some(entry.actor.kind.name().to_owned())),
        ("actor", Some(entry.actor.name.clone())),
        ("actor_id", entry.actor.id.map(|id| id.to_string())),
        ("object_kind", object.map(|object| object.kind.name().to_owned())),
        ("object", object.map(|object| object.name.clone())),
        ("object_id", object.and_then(|object| object.id).map(|id| id.to_string())),
        ("reason", entry.reason.clone()),
        ("hash", Some(record.hash.to_string())),
    ];
    let plain = parts
        .into_iter()
        .filter_map(|(name, value)| value.map(|value| Field { name: name.to_owned(), value, detail: false }));
    plain.chain(details(entry)).collect()
}

/// One line for people.
fn sentence(entry: &AuditEntry) -> String {
    let object = entry.object.as_ref().map(|object| format!(" {} {}", object.kind.name(), object.name));
    let reason = entry.reason.as_ref().map(|reason| format!(": {reason}"));
    format!("{} {}{}{}", entry.actor.name, entry.act, object.unwrap_or_default(), reason.unwrap_or_default())
}

/// A text that ends no line and moves no terminal: each character that might is shown as U+FFFD.
fn visible(text: &str) -> String {
    let harmless = |it: char| {
        !it.is_control()
            && !matches!(it, '\u{2028}' | '\u{2029}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}')
    };
    text.chars().map(|it| if harmless(it) { it } else { '\u{fffd}' }).collect()
}

/// Renders fields so that the whole is not longer than `most` bytes: values are cut, then the details left out, and both is said by a
/// field `cut`. What is cut is cut here alone: the record's hash is over all of it.
fn fitted(fields: &[Field], most: usize, render: impl Fn(&[Field]) -> String) -> String {
    let whole = render(fields);
    if whole.len() <= most {
        return whole;
    }
    let said = Field { name: "cut".to_owned(), value: "true".to_owned(), detail: false };
    for (longest, with_details) in [(1_024, true), (256, true), (64, true), (256, false), (64, false)] {
        let mut fewer: Vec<Field> = fields.iter().filter(|field| with_details || !field.detail).cloned().collect();
        for field in &mut fewer {
            if field.value.chars().count() > longest {
                field.value = field.value.chars().take(longest).chain(['…']).collect();
            }
        }
        fewer.push(said.clone());
        let text = render(&fewer);
        if text.len() <= most {
            return text;
        }
    }
    render(&[said])
}

#[cfg(test)]
pub(crate) mod testing {
    use countersign_audit::{ActorRef, AuditAction, AuditActorKind, AuditEntry, ChainHead, ObjectKind, Record};
    use countersign_model::{Timestamp, VaultId};
    use uuid::Uuid;

    pub(crate) fn log() -> VaultId {
        VaultId::from_uuid(Uuid::from_u128(0x0193_8d1c_7a31_7000_8000_0000_0000_0001))
    }

    /// A record in which everything that people choose is this text.
    pub(crate) fn record(text: &str) -> Record {
        let actor = ActorRef { kind: AuditActorKind::User, id: Some(Uuid::from_u128(7)), name: text.to_owned() };
        let mut entry = AuditEntry::new(Timestamp::from_micros(1_700_000_000_123_456), actor, AuditAction::TokenRead)
            .on(ObjectKind::Credential, Uuid::from_u128(9), text)
            .with("step", 56_666_666)
            .with("agent", text)
            .with("tags", vec![text.to_owned(), "b".to_owned()])
            .with("first", true);
        entry.reason = Some(text.to_owned());
        let mut head = ChainHead::EMPTY;
        head.append(entry)
    }

    /// Names that mean harm.
    pub(crate) static HOSTILE: [&str; 14] = [
        "plain",
        "",
        "two\nlines",
        "two\r\n<110>1 - - evil - - - forged",
        "a\"] [x@1 y=\"z",
        "a]b\\c\"d",
        "\\",
        "ends with \\",
        "a|b|c=d\\e",
        "cs1=forged act=forged",
        "nul\0 esc\u{1b}[31m bell\u{7}",
        "bom\u{feff} ls\u{2028}ps\u{2029} rlo\u{202e}",
        "Grüße 🎉 漢字",
        "{\"seq\":1}",
    ];
}

#[cfg(test)]
mod tests {
    use countersign_audit::AuditAction;

    use super::{testing::HOSTILE, *};

    #[test]
    fn what_is_refused_weighs_more_than_what_happens_all_day() {
        for (act, weight) in [
            (AuditAction::TokenRead, Weight::Usual),
            (AuditAction::TokenDenied, Weight::Refused),
            (AuditAction::SignInFailed, Weight::Refused),
            (AuditAction::ChangeInDoubt, Weight::Refused),
            (AuditAction::Refused, Weight::Refused),
            (AuditAction::SinkPaused, Weight::Grave),
            (AuditAction::AccessTaken, Weight::Grave),
        ] {
            assert_eq!(Weight::of(act.name()), weight, "{}", act.name());
        }
        for name in ["vault.key_exported", "user.locked_out", "access.emergency", "sink.edited", "sink.removed"] {
            assert!(AuditAction::ALL.iter().any(|act| act.name() == name), "{name} is no action");
        }
    }

    #[test]
    fn a_visible_text_has_one_line() {
        for text in HOSTILE {
            let text = visible(text);
            assert!(!text.chars().any(|it| it.is_control() || it == '\u{2028}' || it == '\u{202e}'), "{text:?}");
        }
        assert_eq!(visible("Grüße 🎉"), "Grüße 🎉");
        assert_eq!(visible("a\nb"), "a\u{fffd}b");
    }
}
