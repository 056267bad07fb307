//! What the API's description says of all endpoints alike, and no endpoint by itself.

use utoipa::{
    ToSchema,
    openapi::{
        Content, OpenApi, Ref, RefOr, Required,
        path::{Operation, Parameter, ParameterBuilder, ParameterIn, PathItem},
        response::ResponseBuilder,
        schema::{Object, Type},
        security::{ApiKey, ApiKeyValue, HttpAuthScheme, HttpBuilder, SecurityRequirement, SecurityScheme},
    },
};

use crate::request::{
    extract::COOKIE,
    purpose::{REASON, TICKET},
};

const PROBLEM: &str = "#/components/schemas/Problem";
const PROBLEM_KIND: &str = "application/problem+json";

/// A body that is no JSON: a picture, a film, a file.
#[derive(ToSchema)]
#[schema(value_type = String, format = Binary)]
#[expect(dead_code, reason = "it stands for bytes in the description and is never made")]
pub(crate) struct RawBytes(Vec<u8>);

/// Those that answer before anybody has signed in.
const OPEN: [&str; 12] = [
    "/api/v1/status",
    "/api/v1/setup",
    "/api/v1/sign-in",
    "/api/v1/sign-in/oidc",
    "/api/v1/sign-in/oidc/callback",
    "/api/v1/sign-in/oidc/finish",
    "/api/v1/sign-in/passkey/options",
    "/api/v1/sign-in/passkey",
    "/api/v1/choose-password",
    "/api/v1/oauth/token",
    "/api/v1/oauth/device_authorization",
    "/api/v1/devices",
];

/// Those that take a body and can do without.
const BODY_OPTIONAL: [&str; 14] = [
    "/api/v1/provisioning/token",
    "/api/v1/credentials/{id}/check-out",
    "/api/v1/credentials/{id}/changes",
    "/api/v1/credentials/{id}/sessions",
    "/api/v1/credentials/{id}/reveal",
    "/api/v1/credentials/{id}/token",
    "/api/v1/service-accounts/{id}/rotate",
    "/api/v1/export/requests/{id}/approve",
    "/api/v1/export/requests/{id}/reject",
    "/api/v1/export/requests/{id}/cancel",
    "/api/v1/requests/{id}/approve",
    "/api/v1/requests/{id}/reject",
    "/api/v1/requests/{id}/cancel",
    "/api/v1/requests/{id}/revoke",
];

/// Adds how one is recognised, what problems look like, names that are unique, and which bodies may be left out.
pub(crate) fn complete(mut description: OpenApi) -> OpenApi {
    let components = description.components.get_or_insert_default();
    let bearer = HttpBuilder::new()
        .scheme(HttpAuthScheme::Bearer)
        .description(Some(
                "An API token, which begins with `cs_`, or what a service account was given at /api/v1/oauth/token, `ca_…`.",
            ))
        .build();
    components.add_security_scheme("bearer", SecurityScheme::Http(bearer));
    let cookie = ApiKeyValue::with_description(COOKIE, "What a browser gets when somebody signs in.");
    components.add_security_scheme("cookie", SecurityScheme::ApiKey(ApiKey::Cookie(cookie)));
    let device = ApiKeyValue::with_description(
        "Authorization",
        "By a browser extension: `Countersign-Device id=…,ts=…,nonce=…,sig=…`.",
    );
    components.add_security_scheme("device", SecurityScheme::ApiKey(ApiKey::Header(device)));
    for (path, item) in &mut description.paths.paths {
        for (method, operation) in operations(item) {
            complete_operation(path, method, operation);
        }
    }
    description
}

fn operations(item: &mut PathItem) -> impl Iterator<Item = (&'static str, &mut Operation)> {
    let all = [
        ("get", &mut item.get),
        ("post", &mut item.post),
        ("put", &mut item.put),
        ("patch", &mut item.patch),
        ("delete", &mut item.delete),
    ];
    all.into_iter().filter_map(|(method, operation)| Some((method, operation.as_mut()?)))
}

fn complete_operation(path: &str, method: &str, operation: &mut Operation) {
    operation.operation_id = Some(name(method, path));
    let schemes: &[&str] = match path {
        path if OPEN.contains(&path) => &[],
        path if path.starts_with("/api/v1/fill") => &["device"],
        _ => &["bearer", "cookie"],
    };
    operation.security = Some(schemes.iter().map(|scheme| SecurityRequirement::new(*scheme, [""; 0])).collect());
    if matches!(method, "post" | "patch")
        && BODY_OPTIONAL.contains(&path)
        && let Some(RefOr::T(body)) = &mut operation.request_body
    {
        body.required = Some(Required::False);
    }
    if !OPEN.contains(&path) {
        operation.parameters.get_or_insert_default().extend([
            header(REASON, "Why, for the record, where the request has no reason of its own. Percent-encoded UTF-8."),
            header(TICKET, "The number of a ticket, where access asks for one. Percent-encoded UTF-8."),
        ]);
    }
    let responses = &mut operation.responses.responses;
    for range in ["4XX", "5XX"] {
        if !responses.contains_key(range) && !responses.contains_key("default") {
            let content = Content::new(Some(RefOr::Ref(Ref::new(PROBLEM))));
            let problem = ResponseBuilder::new().description("A problem").content(PROBLEM_KIND, content).build();
            responses.insert(range.to_owned(), RefOr::T(problem));
        }
    }
    for response in responses.values_mut() {
        let RefOr::T(response) = response else { continue };
        if let Some(content) = response.content.shift_remove("application/json") {
            let kind = if is_problem(&content) { PROBLEM_KIND } else { "application/json" };
            response.content.insert(kind.to_owned(), content);
        }
    }
}

fn header(name: &str, text: &str) -> RefOr<Parameter> {
    let text_schema = Object::with_type(Type::String);
    let parameter = ParameterBuilder::new().name(name).parameter_in(ParameterIn::Header).required(Required::False);
    RefOr::T(parameter.description(Some(text)).schema(Some(text_schema)).build())
}

fn is_problem(content: &RefOr<Content>) -> bool {
    let RefOr::T(content) = content else { return false };
    matches!(&content.schema, Some(RefOr::Ref(it)) if it.ref_location == PROBLEM)
}

/// `get`, `/api/v1/credentials/{id}/token` → `get_credentials_id_token`: unique, because method and path are.
fn name(method: &str, path: &str) -> String {
    let words = path.trim_start_matches("/api/v1/").split(|c: char| !c.is_ascii_alphanumeric());
    words.filter(|word| !word.is_empty()).fold(method.to_owned(), |name, word| format!("{name}_{word}"))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn names_are_unique_and_lists_name_endpoints_that_exist() {
        let mut description = crate::api_description();
        for path in OPEN.iter().chain(&BODY_OPTIONAL) {
            assert!(description.paths.paths.contains_key(*path), "{path}");
        }
        let mut names = BTreeSet::new();
        for item in description.paths.paths.values_mut() {
            for (_, operation) in operations(item) {
                let name = operation.operation_id.clone().unwrap();
                assert!(names.insert(name.clone()), "{name} is there twice");
            }
        }
    }

    #[test]
    fn parameters_in_paths_are_those_that_the_path_names() {
        for (path, item) in &mut crate::api_description().paths.paths {
            let named: BTreeSet<&str> =
                path.split('/').filter_map(|part| part.strip_prefix('{')?.strip_suffix('}')).collect();
            for (method, operation) in operations(item) {
                let parameters = operation.parameters.iter().flatten().filter_map(|parameter| match parameter {
                    RefOr::T(it) if matches!(it.parameter_in, ParameterIn::Path) => Some(it.name.as_str()),
                    _ => None,
                });
                assert_eq!(parameters.collect::<BTreeSet<_>>(), named, "{method} {path}");
            }
        }
    }

    #[test]
    fn problems_are_called_problems() {
        let text = serde_json::to_string(&crate::api_description()).unwrap();
        let description: serde_json::Value = serde_json::from_str(&text).unwrap();
        for (path, item) in description["paths"].as_object().unwrap() {
            for operation in item.as_object().unwrap().values() {
                for (status, response) in operation["responses"].as_object().unwrap() {
                    for (kind, content) in response["content"].as_object().into_iter().flatten() {
                        let is_problem = content["schema"]["$ref"] == PROBLEM;
                        assert_eq!(is_problem, kind == PROBLEM_KIND, "{path} {status}");
                    }
                }
            }
        }
    }
}
