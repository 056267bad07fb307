//! `Runtime`: the worlds that scripts run in, and calls into them.

use std::marker::PhantomData;

use serde::{Deserialize, Serialize, de::DeserializeOwned};
use serde_json::Value;

use super::{Command, command::command};
use crate::Error;

#[derive(Serialize)]
pub(crate) struct Enable {}
command!(Enable, "Runtime.enable");

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct AddBinding<'a> {
    pub(crate) name: &'a str,
    pub(crate) execution_context_name: &'a str,
}
command!(AddBinding<'a>, "Runtime.addBinding");

#[derive(Serialize)]
pub(crate) struct RunIfWaitingForDebugger {}
command!(RunIfWaitingForDebugger, "Runtime.runIfWaitingForDebugger");

#[derive(Serialize)]
pub(crate) struct GetHeapUsage {}
command!(GetHeapUsage, "Runtime.getHeapUsage", HeapUsage);

/// In bytes.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct HeapUsage {
    #[serde(default)]
    pub(crate) used_size: f64,
    #[serde(default)]
    pub(crate) embedder_heap_used_size: f64,
    #[serde(default)]
    pub(crate) backing_storage_size: f64,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ReleaseObjectGroup {
    pub(crate) object_group: &'static str,
}
command!(ReleaseObjectGroup, "Runtime.releaseObjectGroup");

/// Calls a function with arguments `A`, which may hold a secret, and reads what it gives as an `R`.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct CallFunctionOn<'a, A, R> {
    function_declaration: &'a str,
    execution_context_id: i64,
    return_by_value: bool,
    await_promise: bool,
    user_gesture: bool,
    arguments: A,
    #[serde(skip)]
    gives: PhantomData<fn() -> R>,
}

impl<A: Serialize, R: DeserializeOwned> Command for CallFunctionOn<'_, A, R> {
    const METHOD: &'static str = "Runtime.callFunctionOn";
    type Reply = Called<R>;
}

impl<'a, A: Serialize, R> CallFunctionOn<'a, A, R> {
    /// `arguments`: a list of [`CallArgument`]s.
    pub(crate) const fn of(function: &'a str, world: i64, arguments: A) -> Self {
        Self {
            function_declaration: function,
            execution_context_id: world,
            return_by_value: true,
            await_promise: true,
            user_gesture: true,
            arguments,
            gives: PhantomData,
        }
    }
}

/// What a function is given.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) enum CallArgument<'a, V> {
    Value(V),
    /// Something of the page, as [`RemoteObject::object_id`] names it.
    ObjectId(&'a str),
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Called<R> {
    result: CalledValue<R>,
    exception_details: Option<Value>,
}

#[derive(Deserialize)]
struct CalledValue<R> {
    value: Option<R>,
}

impl<R> Called<R> {
    /// What the function gave.
    ///
    /// # Errors
    /// [`Error::Protocol`] with `method` when it threw something or gave nothing.
    pub(crate) fn value(self, method: &'static str) -> Result<R, Error> {
        if let Some(details) = self.exception_details {
            // The text may quote the page, so it goes no further than a developer's log.
            tracing::debug!(method, %details, "the script beside the page failed");
            return Err(Error::Protocol { method, message: "the page's content could not be worked on".into() });
        }
        self.result.value.ok_or(Error::Protocol { method, message: "no answer".into() })
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct RemoteObject {
    pub(crate) object_id: Option<String>,
}

#[derive(Deserialize)]
pub(crate) struct ExecutionContextCreated {
    pub(crate) context: ExecutionContext,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ExecutionContext {
    pub(crate) id: i64,
    pub(crate) name: String,
    pub(crate) origin: String,
    pub(crate) aux_data: AuxData,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct AuxData {
    pub(crate) frame_id: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ExecutionContextDestroyed {
    pub(crate) execution_context_id: i64,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct BindingCalled {
    pub(crate) name: String,
    pub(crate) payload: String,
    pub(crate) execution_context_id: i64,
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::cdp::command::json_of;

    #[test]
    fn commands_have_the_protocols_form() {
        for ((method, found), expected_method, expected) in [
            (json_of(&Enable {}), "Runtime.enable", json!({})),
            (
                json_of(&AddBinding { name: "n", execution_context_name: "w" }),
                "Runtime.addBinding",
                json!({"name": "n", "executionContextName": "w"}),
            ),
            (json_of(&RunIfWaitingForDebugger {}), "Runtime.runIfWaitingForDebugger", json!({})),
            (json_of(&GetHeapUsage {}), "Runtime.getHeapUsage", json!({})),
            (
                json_of(&ReleaseObjectGroup { object_group: "g" }),
                "Runtime.releaseObjectGroup",
                json!({"objectGroup": "g"}),
            ),
        ] {
            assert_eq!((method, found), (expected_method, expected));
        }
    }

    #[test]
    fn a_call_carries_values_and_objects() {
        let arguments = [CallArgument::Value(vec!["a\"", "b"]), CallArgument::ObjectId("o")];
        let call: CallFunctionOn<'_, _, bool> = CallFunctionOn::of("f", 9, arguments);
        let expected = json!({
            "functionDeclaration": "f", "executionContextId": 9, "returnByValue": true, "awaitPromise": true,
            "userGesture": true, "arguments": [{"value": ["a\"", "b"]}, {"objectId": "o"}],
        });
        assert_eq!(json_of(&call), ("Runtime.callFunctionOn", expected));
    }

    #[test]
    fn what_a_function_gives_is_read_or_said_to_have_failed() {
        let read = |reply: Value| serde_json::from_value::<Called<bool>>(reply).unwrap().value("f");
        assert!(read(json!({"result": {"type": "boolean", "value": true}})).unwrap());
        let nothing = read(json!({"result": {"type": "undefined"}})).unwrap_err();
        assert!(matches!(nothing, Error::Protocol { method: "f", .. }));
        let thrown = json!({"result": {"type": "object"}, "exceptionDetails": {"text": "Uncaught secret"}});
        let failed = read(thrown).unwrap_err();
        assert!(!failed.to_string().contains("secret"), "the page's words go no further");
    }
}
