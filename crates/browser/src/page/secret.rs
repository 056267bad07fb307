//! Typing secrets: only into a visible line of a frame whose own origin is right at that very moment.

use countersign_picture::ElementRef;
use serde_json::{Value, json};
use zeroize::Zeroizing;

use super::{Called, Page, PageInner, call_of, input::Outcome, scene::FrameState};
use crate::{Error, cdp::json_text};

/// How long one step of typing may take.
const PATIENCE: std::time::Duration = std::time::Duration::from_secs(10);

/// Where a secret stands in a prepared call, until it is put there.
const HOLE: &str = "\u{2}";

impl PageInner {
    /// As [`Self::inside`], with the secret as one of the arguments, in memory that is wiped.
    async fn inside_with_secret(
        &self,
        frame: &FrameState,
        function: &'static str,
        arguments: Value,
        secret: &str,
    ) -> Result<Outcome, Error> {
        let call = call_of(frame, function, arguments)?.to_string();
        // The hole is written as serde_json writes it.
        let hole = hole().to_string();
        let (before, after) = call.split_once(&hole).ok_or(Error::Stale)?;
        let text = json_text(secret);
        let mut params = Zeroizing::new(Vec::with_capacity(before.len() + text.len() + after.len()));
        params.extend_from_slice(before.as_bytes());
        params.extend_from_slice(&text);
        params.extend_from_slice(after.as_bytes());
        let call = frame.session.call_raw(PATIENCE, "Runtime.callFunctionOn", &params);
        let called: Called<Outcome> = self.alive_in(&frame.session, call).await?;
        called.value(function)
    }
}

/// The argument in whose place the secret goes.
fn hole() -> Value {
    Value::from(HOLE)
}

impl Page {
    /// Replaces what is in a field by a secret and looks whether the field took it whole. The frame's own origin is
    /// compared with `origins` (as `https://example.org`) in the same step of one script that types, so nothing can come
    /// between.
    ///
    /// From then on the field counts as secret: its length is not told, and it is covered in screenshots.
    ///
    /// # Errors
    /// [`Error::WrongOrigin`]: nothing was typed. [`Error::NotUsable`] for what is no visible line of text,
    /// [`Error::NotTaken`] when the field cut or changed it, [`Error::Stale`].
    pub async fn type_secret(&self, element: &ElementRef, secret: &[u8], origins: &[String]) -> Result<(), Error> {
        let text = as_text(secret)?;
        let frame = self.inner.frame_of(element)?;
        let arguments = json!([element.node, hole(), origins, true]);
        let outcome = self.inner.inside_with_secret(&frame, "type", arguments, text).await?;
        outcome.check(&element.frame, &element.document).map(|_| ())
    }

    /// Types a secret key by key into boxes that take one character each, beginning at the first; pages move the keyboard
    /// on by themselves. The origin is checked before each key. What the boxes then hold is compared, and typed anew box by
    /// box when it is not the secret.
    ///
    /// A page may send the form by itself with the last key; then the boxes are gone and that is success.
    ///
    /// # Errors
    /// As [`Page::type_secret`].
    pub async fn type_into_boxes(&self, boxes: &[ElementRef], secret: &[u8], origins: &[String]) -> Result<(), Error> {
        let text = as_text(secret)?;
        let first = boxes.first().ok_or(Error::Stale)?;
        let frame = self.inner.frame_of(first)?;
        let nodes: Vec<u32> = boxes.iter().map(|element| element.node).collect();
        self.inner.act(first, "clear", json!([nodes])).await?;
        self.focus(first).await?;
        for (typed, character) in text.chars().enumerate() {
            match self.key_of_secret(first, &frame, character, origins).await {
                Ok(()) => {}
                // The last keys of a form that sends itself may find it gone.
                Err(Error::Stale | Error::NotUsable { .. }) if typed + 1 >= text.chars().count() => return Ok(()),
                Err(error) => return Err(error),
            }
        }
        self.breathe().await;
        match self.boxes_hold(first, &frame, &nodes, text).await {
            Ok(true) | Err(Error::Stale) => return Ok(()),
            Ok(false) => {}
            Err(error) => return Err(error),
        }
        // The page did not move the keyboard, or moved it oddly: each box by itself.
        let mut buffer = [0; 4];
        for (element, character) in boxes.iter().zip(text.chars()) {
            let one = character.encode_utf8(&mut buffer);
            match self.type_secret(element, one.as_bytes(), origins).await {
                Err(Error::Stale) => return Ok(()),
                other => other?,
            }
        }
        self.breathe().await;
        match self.boxes_hold(first, &frame, &nodes, text).await {
            Ok(true) | Err(Error::Stale) => Ok(()),
            Ok(false) => Err(Error::NotTaken { why: "the boxes hold something else" }),
            Err(error) => Err(error),
        }
    }

    /// Whether a field holds exactly this secret. Says only yes or no; nothing is read out of the page.
    pub async fn holds(&self, element: &ElementRef, secret: &[u8]) -> Result<bool, Error> {
        let frame = self.inner.frame_of(element)?;
        self.boxes_hold(element, &frame, &[element.node], as_text(secret)?).await
    }

    /// Covers an element in screenshots from now on, as if a secret had been typed into it.
    pub async fn mark_secret(&self, element: &ElementRef) -> Result<(), Error> {
        self.inner.act(element, "markSecret", json!([element.node])).await.map(|_| ())
    }

    async fn boxes_hold(&self, any: &ElementRef, frame: &FrameState, nodes: &[u32], text: &str) -> Result<bool, Error> {
        let outcome = self.inner.inside_with_secret(frame, "holdsText", json!([nodes, hole()]), text).await?;
        outcome.check(&any.frame, &any.document).map(|outcome| outcome.yes)
    }

    async fn key_of_secret(
        &self,
        any: &ElementRef,
        frame: &FrameState,
        key: char,
        origins: &[String],
    ) -> Result<(), Error> {
        self.inner.frame_of(any)?;
        let ready: Outcome = self.inner.inside(frame, "keyReady", json!([origins])).await?;
        ready.check(&any.frame, &any.document)?;
        let code = match key {
            '0'..='9' => format!("Digit{key}"),
            'a'..='z' | 'A'..='Z' => format!("Key{}", key.to_ascii_uppercase()),
            _ => String::new(),
        };
        let number = if key.is_ascii_alphanumeric() { u32::from(key.to_ascii_uppercase()) } else { 0 };
        for kind in ["keyDown", "keyUp"] {
            let mut event = json!({"type": kind, "key": key, "code": code, "windowsVirtualKeyCode": number});
            if kind == "keyDown" {
                event["text"] = Value::from(key.to_string());
            }
            self.inner.alive(self.inner.session.call::<Value>("Input.dispatchKeyEvent", event)).await?;
        }
        Ok(())
    }
}

fn as_text(secret: &[u8]) -> Result<&str, Error> {
    std::str::from_utf8(secret).map_err(|_| Error::NotTaken { why: "a secret that is no text cannot be typed" })
}
