//! `DOM`: what no script in a page can see, and fields for files.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use super::{command::command, runtime::RemoteObject};

#[derive(Serialize)]
pub(crate) struct Enable {}
command!(Enable, "DOM.enable");

#[derive(Serialize)]
pub(crate) struct Disable {}
command!(Disable, "DOM.disable");

/// The nested form of the same answer would need a reader without a limit to how deep a page may nest.
#[derive(Serialize)]
pub(crate) struct GetFlattenedDocument {
    /// −1 is all of it.
    pub(crate) depth: i32,
    /// Through frames and shadow trees.
    pub(crate) pierce: bool,
}
command!(GetFlattenedDocument, "DOM.getFlattenedDocument", Flattened);

#[derive(Deserialize)]
pub(crate) struct Flattened {
    pub(crate) nodes: Vec<FlatNode>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct FlatNode {
    pub(crate) node_id: i64,
    pub(crate) parent_id: Option<i64>,
    pub(crate) node_name: String,
    pub(crate) frame_id: Option<String>,
    #[serde(default)]
    pub(crate) shadow_roots: Vec<ShadowRoot>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ShadowRoot {
    pub(crate) node_id: i64,
    pub(crate) backend_node_id: i64,
    /// `open`, `closed` or `user-agent`.
    #[serde(default)]
    pub(crate) shadow_root_type: String,
}

/// The element that a frame is in.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct GetFrameOwner<'a> {
    pub(crate) frame_id: &'a str,
}
command!(GetFrameOwner<'a>, "DOM.getFrameOwner", FrameOwner);

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct FrameOwner {
    pub(crate) backend_node_id: i64,
}

/// Makes a node one that a script can be given.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ResolveNode {
    pub(crate) backend_node_id: i64,
    pub(crate) execution_context_id: i64,
    pub(crate) object_group: &'static str,
}
command!(ResolveNode, "DOM.resolveNode", ResolvedNode);

#[derive(Deserialize)]
pub(crate) struct ResolvedNode {
    pub(crate) object: RemoteObject,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct SetFileInputFiles<'a> {
    pub(crate) files: &'a [PathBuf],
    pub(crate) backend_node_id: i64,
}
command!(SetFileInputFiles<'a>, "DOM.setFileInputFiles");

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::cdp::command::json_of;

    #[test]
    fn commands_have_the_protocols_form() {
        let resolve = ResolveNode { backend_node_id: 5, execution_context_id: 6, object_group: "adopt" };
        let files = SetFileInputFiles { files: &["/a".into(), "/b".into()], backend_node_id: 8 };
        for ((method, found), expected_method, expected) in [
            (json_of(&Enable {}), "DOM.enable", json!({})),
            (json_of(&Disable {}), "DOM.disable", json!({})),
            (
                json_of(&GetFlattenedDocument { depth: -1, pierce: true }),
                "DOM.getFlattenedDocument",
                json!({"depth": -1, "pierce": true}),
            ),
            (json_of(&GetFrameOwner { frame_id: "f" }), "DOM.getFrameOwner", json!({"frameId": "f"})),
            (
                json_of(&resolve),
                "DOM.resolveNode",
                json!({"backendNodeId": 5, "executionContextId": 6, "objectGroup": "adopt"}),
            ),
            (json_of(&files), "DOM.setFileInputFiles", json!({"files": ["/a", "/b"], "backendNodeId": 8})),
        ] {
            assert_eq!((method, found), (expected_method, expected));
        }
    }

    #[test]
    fn replies_are_read_by_what_is_used_of_them() {
        let flattened: Flattened = serde_json::from_value(json!({"nodes": [
            {"nodeId": 1, "nodeName": "#document", "nodeType": 9},
            {"nodeId": 2, "parentId": 1, "nodeName": "HTML", "frameId": "f",
             "shadowRoots": [{"nodeId": 3, "backendNodeId": 30, "shadowRootType": "closed"}]},
        ]}))
        .unwrap();
        assert_eq!(flattened.nodes[0].parent_id, None);
        assert_eq!(flattened.nodes[1].frame_id.as_deref(), Some("f"));
        assert_eq!(flattened.nodes[1].shadow_roots[0].backend_node_id, 30);
        let resolved: ResolvedNode =
            serde_json::from_value(json!({"object": {"type": "object", "objectId": "o"}})).unwrap();
        assert_eq!(resolved.object.object_id.as_deref(), Some("o"));
    }
}
