//! What stands for types of `model` in the description.

use std::borrow::Cow;

use countersign_model::{Challenge, Extras, Level, SessionEnd};
use serde_json::Map;
use utoipa::{
    PartialSchema, ToSchema,
    openapi::{
        RefOr,
        schema::{ObjectBuilder, Schema, Type},
    },
};

/// Describes a type of `model` under that name: that room knows nothing of descriptions.
macro_rules! described {
    ($($stand_in:ident for $name:literal: $schema:expr;)*) => {$(
        pub(crate) struct $stand_in;

        impl PartialSchema for $stand_in {
            fn schema() -> RefOr<Schema> {
                $schema.into()
            }
        }

        impl ToSchema for $stand_in {
            fn name() -> Cow<'static, str> {
                Cow::Borrowed($name)
            }
        }
    )*};
}

described! {
    LevelNames for "Level": names(Level::ALL.map(Level::name), "How far somebody may go in a session.");
    ChallengeNames for "Challenge": names(Challenge::ALL.map(Challenge::name), "What a site asks of a person.");
    EndNames for "SessionEnd": names(SessionEnd::ALL.map(SessionEnd::name), "Why a session ended.");
    ExtrasFields for "Extras": switches(&Extras::default(), "What somebody may do beside pointing and typing.");
}

fn names<const N: usize>(names: [&'static str; N], what: &str) -> ObjectBuilder {
    ObjectBuilder::new().schema_type(Type::String).enum_values(Some(names)).description(Some(what))
}

/// Each field is true or false.
fn switches(of: &Extras, what: &str) -> ObjectBuilder {
    let fields = serde_json::to_value(of).unwrap_or_default();
    let fields = fields.as_object().into_iter().flat_map(Map::keys);
    fields.fold(ObjectBuilder::new().description(Some(what)), |object, field| {
        object.property(field, ObjectBuilder::new().schema_type(Type::Boolean)).required(field)
    })
}
