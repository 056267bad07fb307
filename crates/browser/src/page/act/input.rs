//! Acting like a person: pressing where something can be seen, ticking, typing what is no secret.

use std::time::Duration;

use countersign_snapshot::ElementRef;
use serde::Serialize;
use tokio::time::Instant;

use crate::page::{act::outcome::ScriptOutcome, call::NO_ARGUMENTS, core::PageInner, page_state::FrameState};
use crate::{
    Error, Key, Page,
    cdp::input::{Button, DispatchMouseEvent, MouseEventKind},
};

impl PageInner {
    /// The frame of an element, as long as the element's document is in it.
    pub(in crate::page) fn frame_of(&self, element: &ElementRef) -> Result<FrameState, Error> {
        let scene = self.scene.lock();
        let frame = scene.frames.get(&element.frame).ok_or(Error::Stale)?;
        if frame.document != element.document || frame.world.is_none() {
            return Err(Error::Stale);
        }
        Ok(frame.clone())
    }

    pub(in crate::page) async fn act(
        &self,
        element: &ElementRef,
        function: &'static str,
        arguments: impl Serialize,
    ) -> Result<ScriptOutcome, Error> {
        let frame = self.frame_of(element)?;
        let outcome: ScriptOutcome = self.inside(&frame, function, arguments).await?;
        outcome.check(&element.frame, &element.document)
    }

    /// A point in the window where a click reaches the element, scrolled into view.
    async fn point_of(&self, element: &ElementRef) -> Result<Point, Error> {
        let around = self.frames_around(&element.frame)?;
        // From the outermost inwards, so that each frame stands in the window before what is in it is scrolled.
        for (name, (parent, state)) in around.iter().rev() {
            self.step(state, "framePlace", (name, true), parent).await?;
        }
        let ScriptOutcome { x: own_x, y: own_y, .. } = self.act(element, "point", [element.node]).await?;
        let (mut x, mut y) = (own_x, own_y);
        for (name, (parent, state)) in &around {
            let place = self.step(state, "framePlace", (name, false), parent).await?;
            x += place.x;
            y += place.y;
            self.step(state, "frameOver", (name, x, y), parent).await?;
        }
        Ok(Point { x, y, own: (own_x, own_y) })
    }

    async fn step(
        &self,
        state: &FrameState,
        function: &'static str,
        arguments: impl Serialize,
        frame: &str,
    ) -> Result<ScriptOutcome, Error> {
        let outcome: ScriptOutcome = self.inside(state, function, arguments).await?;
        outcome.check(frame, &state.document)
    }

    /// A frame's name with the frame around it, from the innermost outwards.
    pub(crate) fn frames_around(&self, frame: &str) -> Result<Vec<FrameAround>, Error> {
        let scene = self.scene.lock();
        let mut around = Vec::new();
        let mut inner = frame.to_owned();
        while let Some(parent) = scene.frames.get(&inner).ok_or(Error::Stale)?.parent.clone() {
            let state = scene.frames.get(&parent).ok_or(Error::Stale)?.clone();
            around.push((std::mem::replace(&mut inner, parent.clone()), (parent, state)));
            if around.len() > 20 {
                return Err(Error::Stale);
            }
        }
        Ok(around)
    }

    async fn mouse(&self, kind: MouseEventKind, x: f64, y: f64, pressed: bool) -> Result<(), Error> {
        let (button, clicks) = match kind {
            MouseEventKind::Moved => (Button::None, None),
            _ => (Button::Left, Some(1)),
        };
        let event = DispatchMouseEvent {
            button: Some(button),
            buttons: Some(u8::from(pressed)),
            click_count: clicks,
            ..DispatchMouseEvent::at(kind, x, y)
        };
        self.alive(self.session.call(event)).await.map(|_| ())
    }
}

impl Page {
    /// Presses an element as a person would: scrolled into view, where nothing lies over it. What lies over it is given
    /// `patience` to go by itself, and a button that is greyed out to wake; the line that was typed into last is left for
    /// that, because some pages look at it only then.
    ///
    /// # Errors
    /// [`Error::Covered`] names what is in the way; [`Error::ButtonAsleep`], [`Error::Stale`], [`Error::NotUsable`].
    pub async fn click(&self, element: &ElementRef, patience: Duration) -> Result<(), Error> {
        let page = &self.inner;
        let begun = Instant::now();
        let mut missed = 0;
        let mut left = false;
        let Point { x, y, .. } = loop {
            let revision = self.revision();
            match page.point_of(element).await {
                Err(Error::ButtonAsleep) if !left => {
                    left = true;
                    let frame = page.frame_of(element)?;
                    page.inside::<ScriptOutcome>(&frame, "leave", NO_ARGUMENTS).await?;
                    self.breathe().await;
                }
                Err(Error::Covered { .. } | Error::ButtonAsleep) if begun.elapsed() < patience => {
                    // Whatever goes away changes the document; the limit is for what only moves by its style.
                    let left = patience.saturating_sub(begun.elapsed());
                    self.changed(revision, left.min(Duration::from_millis(150))).await?;
                }
                other => {
                    let point = other?;
                    page.mouse(MouseEventKind::Moved, point.x, point.y, false).await?;
                    let (own_x, own_y) = point.own;
                    let still = page.act(element, "still", (element.node, own_x, own_y)).await?;
                    // A page that never rests is pressed all the same, where the element was last.
                    if still.yes || missed >= 5 {
                        break point;
                    }
                    missed += 1;
                }
            }
        };
        page.acts();
        // They arrive in their order, so neither is waited for before the other is sent.
        let pressed = tokio::try_join!(
            biased;
            page.mouse(MouseEventKind::Pressed, x, y, true),
            page.mouse(MouseEventKind::Released, x, y, false)
        );
        delivered(pressed.map(drop))?;
        self.breathe().await;
        Ok(())
    }

    /// Puts the keyboard on an element.
    pub async fn focus(&self, element: &ElementRef) -> Result<(), Error> {
        self.inner.act(element, "focus", [element.node]).await.map(|_| ())
    }

    /// Presses a key where the keyboard is.
    pub async fn press(&self, key: Key) -> Result<(), Error> {
        self.inner.acts();
        let [down, up] = key.events();
        let send = |event| self.inner.alive(self.inner.session.call(event));
        delivered(tokio::try_join!(biased; send(down), send(up)).map(drop))?;
        self.breathe().await;
        Ok(())
    }

    /// What stands in a line that is no secret: what a person has answered. At most 200 characters.
    ///
    /// # Errors
    /// [`Error::NotUsable`] for a line that is or took a secret, [`Error::Stale`].
    pub async fn text_of(&self, element: &ElementRef) -> Result<String, Error> {
        self.inner.act(element, "textOf", [element.node]).await.map(|outcome| outcome.name)
    }

    /// Ticks or unticks a box, and looks whether it is so.
    pub async fn set_checked(&self, element: &ElementRef, checked: bool, patience: Duration) -> Result<(), Error> {
        let is = |element: &ElementRef| {
            let element = element.clone();
            async move { self.inner.act(&element, "ticked", [element.node]).await.map(|outcome| outcome.yes) }
        };
        if is(element).await? == checked {
            return Ok(());
        }
        self.click(element, patience).await?;
        if is(element).await? == checked {
            return Ok(());
        }
        // Some boxes listen to the keyboard only.
        self.focus(element).await?;
        self.press(Key::Space).await?;
        if is(element).await? == checked { Ok(()) } else { Err(Error::NotTaken { why: "the box stays as it was" }) }
    }

    /// Chooses an entry of a list by its text or value.
    pub async fn choose(&self, element: &ElementRef, entry: &str) -> Result<(), Error> {
        self.inner.act(element, "choose", (element.node, entry)).await?;
        self.breathe().await;
        Ok(())
    }
}

/// What was sent to a page has been done, also where the page is too busy with it to say so: a script that sends the form and
/// waits for its answer. Who looks at the page next waits for it.
fn delivered(answered: Result<(), Error>) -> Result<(), Error> {
    match answered {
        Err(Error::TimedOut { .. }) => Ok(()),
        other => other,
    }
}

/// Where to press: in the window, and in the element's own frame.
struct Point {
    x: f64,
    y: f64,
    own: (f64, f64),
}

/// A frame, and the frame around it with what is known of that.
pub(crate) type FrameAround = (String, (String, FrameState));
