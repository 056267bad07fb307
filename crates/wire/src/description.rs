//! The messages, events and codes as data, in the form of an OpenAPI description without any path: what reads one makes types of the
//! other, too.

use std::borrow::Cow;

use serde_json::{Map, Value, json};
use utoipa::{
    OpenApi, PartialSchema, ToSchema,
    openapi::{
        RefOr,
        schema::{ObjectBuilder, Schema, Type},
    },
};

use crate::{
    ClientMessage, CloseCode, FrameHead, LONGEST_MESSAGE, RecordingEvent, ServerMessage,
    part::{CHANGE, EVENT, HEAD, WHOLE},
};

#[derive(OpenApi)]
#[openapi(components(schemas(ServerMessage, ClientMessage, RecordingEvent, CloseCode)))]
struct Wire;

/// What goes over the wire: every message, event and closing code with its fields (`components.schemas`), and under
/// `x-constants` the numbers that are no part of a message, by the names that the page gives them.
pub fn description() -> Value {
    // A description is plain data.
    let mut schemas = serde_json::to_value(Wire::openapi().components).unwrap_or_default();
    let codes: Map<String, Value> =
        CloseCode::ALL.into_iter().map(|code| (code.name().to_owned(), code.number().into())).collect();
    json!({
        "openapi": "3.1.0",
        "info": { "title": "What goes over the socket of a session and into its recording", "version": "1" },
        "paths": {},
        "components": { "schemas": schemas["schemas"].take() },
        "x-constants": {
            "CLOSED": codes,
            "FRAME": { "kind": FrameHead::KIND, "head": FrameHead::LENGTH },
            "PART": { "head": HEAD, "whole": WHOLE, "change": CHANGE, "event": EVENT },
            "LONGEST_MESSAGE": LONGEST_MESSAGE,
        },
    })
}

impl PartialSchema for CloseCode {
    fn schema() -> RefOr<Schema> {
        ObjectBuilder::new()
            .schema_type(Type::Integer)
            .enum_values(Some(Self::ALL.map(Self::number)))
            .description(Some("The code of a closing frame."))
            .into()
    }
}

impl ToSchema for CloseCode {
    fn name() -> Cow<'static, str> {
        Cow::Borrowed("CloseCode")
    }
}
