//! What is asked of a session's task.

use std::sync::Arc;

use countersign_browser::{Context, Page};
use countersign_vault::Participant;
use tokio::sync::oneshot;

use crate::{
    session::{Event, Handover},
    viewer_connection::ViewerConnection,
};

pub(crate) enum SessionCommand {
    Join { person: Participant, reply: oneshot::Sender<ViewerConnection> },
    HandOver { why: Handover, context: Arc<Context>, page: Page },
    TakeBack { reply: oneshot::Sender<bool> },
    Happened(Event),
}
