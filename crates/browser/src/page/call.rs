//! Calls into the scripts beside documents.

use std::time::Duration;

use serde::{Serialize, de::DeserializeOwned};

use super::{core::PageInner, page_state::FrameState};
use crate::{
    Error,
    cdp::runtime::{CallArgument, CallFunctionOn},
};

/// For a function that takes nothing.
pub(crate) const NO_ARGUMENTS: [u8; 0] = [];

impl PageInner {
    /// Calls a function of the script beside the frame's document with a list of arguments.
    pub(crate) async fn inside<R: DeserializeOwned>(
        &self,
        frame: &FrameState,
        function: &'static str,
        arguments: impl Serialize,
    ) -> Result<R, Error> {
        let declaration = declaration(function);
        let call = frame.session.call(call_of(frame, &declaration, [CallArgument::Value(arguments)])?);
        self.alive_in(&frame.session, call).await?.value(function)
    }

    /// As [`Self::inside`], waiting at most `patience`. What of the arguments is borrowed is copied nowhere but into memory
    /// that is wiped.
    pub(super) async fn inside_within<R: DeserializeOwned>(
        &self,
        patience: Duration,
        frame: &FrameState,
        function: &'static str,
        arguments: impl Serialize,
    ) -> Result<R, Error> {
        let declaration = declaration(function);
        let call = call_of(frame, &declaration, [CallArgument::Value(arguments)])?;
        self.alive_in(&frame.session, frame.session.call_within(patience, call)).await?.value(function)
    }
}

fn declaration(function: &str) -> String {
    format!("(a) => inside.{function}(...a)")
}

/// A call in the world beside the frame's document; `arguments` is a list of [`CallArgument`]s.
pub(super) fn call_of<'a, A: Serialize, R>(
    frame: &FrameState,
    declaration: &'a str,
    arguments: A,
) -> Result<CallFunctionOn<'a, A, R>, Error> {
    let world = frame.world.ok_or(Error::Stale)?;
    Ok(CallFunctionOn::of(declaration, world, arguments))
}
