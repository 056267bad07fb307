//! Taking the snapshot of a page, frame by frame.

use std::collections::{HashMap, HashSet};

use crate::page::{
    call::{NO_ARGUMENTS, call_of},
    core::PageInner,
    page_state::FrameState,
};
use crate::{
    Error, Page,
    cdp::{
        CdpSession,
        dom::{self, GetFlattenedDocument, GetFrameOwner, ResolveNode},
        runtime::{CallArgument, Called, ReleaseObjectGroup},
    },
};
use countersign_snapshot::{Bounds, Frame, PageSnapshot, Size};
use serde::{Deserialize, de::IgnoredAny};

/// The group of what is handed to the scripts beside the documents.
const ADOPT: &str = "adopt";

/// Takes names of frames, then as many elements that hold them, then shadow roots.
const ADOPT_FUNCTION: &str =
    "(names, ...all) => inside.adopt(names.map((name, i) => [name, all[i]]), all.slice(names.length))";

/// What the script beside a document tells.
#[derive(Deserialize)]
struct Look {
    frame: Frame,
    children: Vec<Child>,
    width: u32,
    height: u32,
    #[serde(default)]
    busy: bool,
    #[serde(default)]
    reloaded: bool,
}

#[derive(Deserialize)]
struct Child {
    id: String,
    place: Bounds,
    hidden: bool,
}

impl Look {
    /// Of a frame in which no script can look.
    fn of(frame: Frame) -> Self {
        Self { frame, children: Vec::new(), width: 0, height: 0, busy: false, reloaded: false }
    }
}

impl Page {
    /// The page as it is now: every frame with what can be read, typed into, pressed and followed, through shadow trees
    /// and across origins. Takes no notice of whether the page rests; see [`Page::settle`].
    ///
    /// # Errors
    /// [`Error::Stale`] when the page moved on while it was looked at: settle and look again.
    pub async fn snapshot(&self) -> Result<PageSnapshot, Error> {
        let page = &self.inner;
        if let Some(error) = page.ended() {
            return Err(error);
        }
        if let Some(snapshot) = page.unreachable() {
            // Rare, and every look would be as big.
            return Ok(Box::pin(self.with_what_was_in_the_way(snapshot)).await);
        }
        let frames = page.scene.lock().frames_of_picture();
        page.adopt_what_scripts_cannot_see(&frames).await?;
        let mut looks = Vec::new();
        for (id, state) in &frames {
            if let Some(frame) = page.not_loaded(id, state) {
                looks.push((id, state, Look::of(frame)));
                continue;
            }
            match page.inside::<Look>(state, "look", NO_ARGUMENTS).await {
                Ok(look) => looks.push((id, state, look)),
                // A frame may go at any moment; without the page itself there is no snapshot.
                Err(Error::Stale | Error::PageClosed) if !looks.is_empty() && page.ended().is_none() => {}
                Err(error) => return Err(error),
            }
        }
        if looks.is_empty() {
            return Err(Error::Stale);
        }
        let mut snapshot = compose(looks);
        if snapshot.frames.iter().any(|frame| frame.unreachable) {
            snapshot = Box::pin(self.with_what_was_in_the_way(snapshot)).await;
        }
        let scene = page.scene.lock();
        snapshot.answer.clone_from(&scene.answer);
        snapshot.sendings = Some(scene.sent());
        Ok(snapshot)
    }

    /// Settles and looks. The snapshot says whether the page had come to rest.
    pub async fn settled_snapshot(&self, patience: &super::rest::WaitPolicy) -> Result<PageSnapshot, Error> {
        const TRIES: u32 = 4;
        for _ in 1..TRIES {
            let settled = self.settle(patience).await?;
            match self.snapshot().await {
                Ok(snapshot) => return Ok(PageSnapshot { settled, ..snapshot }),
                // A document that is gone, or a page whose scripts are busy: another look may be answered.
                Err(Error::Stale | Error::TimedOut { .. }) => {}
                Err(error) => return Err(error),
            }
        }
        let settled = self.settle(patience).await?;
        Ok(PageSnapshot { settled, ..self.snapshot().await? })
    }
}

impl PageInner {
    /// A snapshot of nothing but the address, when that could not be reached.
    fn unreachable(&self) -> Option<PageSnapshot> {
        let (id, main, answer) = {
            let scene = self.scene.lock();
            (scene.main_frame.clone(), scene.main()?.clone(), scene.answer_unshown())
        };
        let frame = self.not_loaded(&id, &main)?;
        let Size { w, h } = self.identity.viewport;
        Some(PageSnapshot { frames: vec![frame], viewport: Size { w, h }, answer, ..PageSnapshot::default() })
    }

    /// What is told of a frame whose document could not be loaded: which, and why.
    fn not_loaded(&self, id: &str, state: &FrameState) -> Option<Frame> {
        Some(Frame {
            id: id.to_owned(),
            document: state.document.clone(),
            origin: "null".into(),
            address: state.unreachable.clone()?,
            unreachable: true,
            load_error: self.scene.lock().load_error(&state.document),
            ..Frame::default()
        })
    }

    /// Hands closed shadow roots, and which element holds which frame, to the scripts beside the documents.
    pub(crate) async fn adopt_what_scripts_cannot_see(&self, frames: &[(String, FrameState)]) -> Result<(), Error> {
        let mut roots: HashMap<String, Vec<i64>> = HashMap::new();
        let mut asked = HashSet::new();
        for (_, state) in frames.iter().filter(|(_, state)| state.world.is_some()) {
            if asked.insert(state.session.id().clone()) {
                for (frame, root) in self.closed_roots(&state.session).await? {
                    roots.entry(frame).or_default().push(root);
                }
            }
        }
        for (id, state) in frames {
            let mut wanted: Vec<(i64, Option<&str>)> = Vec::new();
            wanted.extend(roots.remove(id).unwrap_or_default().into_iter().map(|node| (node, None)));
            for (child, _) in frames.iter().filter(|(_, inner)| inner.parent.as_ref() == Some(id)) {
                let call = state.session.call(GetFrameOwner { frame_id: child });
                match self.alive_in(&state.session, call).await {
                    Ok(owner) => wanted.push((owner.backend_node_id, Some(child))),
                    Err(Error::Stale | Error::Protocol { .. }) => {}
                    Err(error) => return Err(error),
                }
            }
            self.adopt(id, state, wanted).await?;
        }
        Ok(())
    }

    /// The closed shadow roots of every frame of a session.
    async fn closed_roots(&self, session: &CdpSession) -> Result<Vec<(String, i64)>, Error> {
        session.cast(&dom::Enable {});
        let call = session.call(GetFlattenedDocument { depth: -1, pierce: true });
        // Of which only the closed shadow roots are wanted: no script can see those.
        let flattened = self.alive_in(session, call).await;
        // Otherwise every change of the page would be told, node by node.
        session.cast(&dom::Disable {});
        let nodes = match flattened {
            Ok(flattened) => flattened.nodes,
            Err(Error::Protocol { message, .. }) => {
                tracing::warn!(message, "closed shadow roots are not looked into");
                return Ok(Vec::new());
            }
            Err(error) => return Err(error),
        };
        let mut parents: HashMap<i64, i64> = HashMap::new();
        let mut frames: HashMap<i64, &str> = HashMap::new();
        for node in &nodes {
            parents.extend(node.parent_id.map(|parent| (node.node_id, parent)));
            parents.extend(node.shadow_roots.iter().map(|root| (root.node_id, node.node_id)));
            if node.node_name.eq_ignore_ascii_case("html") {
                frames.extend(node.frame_id.as_deref().map(|frame| (node.node_id, frame)));
            }
        }
        let frame_of = |node: i64| {
            let up = std::iter::successors(Some(node), |node| parents.get(node).copied());
            up.take(nodes.len()).find_map(|node| frames.get(&node))
        };
        let roots = nodes.iter().flat_map(|node| node.shadow_roots.iter());
        let closed = roots.filter(|root| root.shadow_root_type == "closed");
        Ok(closed.filter_map(|root| Some(((*frame_of(root.node_id)?).to_owned(), root.backend_node_id))).collect())
    }

    async fn adopt(&self, id: &str, state: &FrameState, wanted: Vec<(i64, Option<&str>)>) -> Result<(), Error> {
        let Some(world) = state.world else { return Ok(()) };
        let known = self.scene.lock().frames.get(id).map(|frame| frame.adopted.clone()).unwrap_or_default();
        let wanted: Vec<_> = wanted.into_iter().filter(|(node, _)| !known.contains(node)).collect();
        if wanted.is_empty() {
            return Ok(());
        }
        let mut names = Vec::new();
        let mut owners = Vec::new();
        let mut roots = Vec::new();
        for (node, frame) in &wanted {
            let call = ResolveNode { backend_node_id: *node, execution_context_id: world, object_group: ADOPT };
            let resolved = match self.alive_in(&state.session, state.session.call(call)).await {
                Ok(resolved) => resolved,
                // It left the document meanwhile.
                Err(Error::Stale | Error::Protocol { .. }) => continue,
                Err(error) => return Err(error),
            };
            let Some(object) = resolved.object.object_id else { continue };
            match frame {
                Some(name) => {
                    names.push(*name);
                    owners.push(object);
                }
                None => roots.push(object),
            }
        }
        let mut arguments = vec![CallArgument::Value(names.as_slice())];
        arguments.extend(owners.iter().chain(&roots).map(|object| CallArgument::ObjectId(object)));
        let call = call_of(state, ADOPT_FUNCTION, arguments)?;
        let _: Called<IgnoredAny> = self.alive_in(&state.session, state.session.call(call)).await?;
        state.session.cast(&ReleaseObjectGroup { object_group: ADOPT });
        if let Some(frame) = self.scene.lock().frames.get_mut(id).filter(|frame| frame.world == Some(world)) {
            frame.adopted.extend(wanted.iter().map(|(node, _)| *node));
        }
        Ok(())
    }
}

/// One snapshot out of the looks of all frames, everything placed in the window.
fn compose(looks: Vec<(&String, &FrameState, Look)>) -> PageSnapshot {
    let viewport = looks.first().map(|(_, _, look)| Size { w: look.width, h: look.height }).unwrap_or_default();
    let busy = looks.iter().any(|(.., look)| look.busy);
    let reloaded = looks.first().is_some_and(|(.., look)| look.reloaded);
    let mut snapshot = PageSnapshot { viewport, busy, reloaded, ..PageSnapshot::default() };
    let mut stands: HashMap<String, (Bounds, bool)> = HashMap::new();
    for (id, state, look) in looks {
        #[expect(clippy::cast_possible_wrap, reason = "a window is smaller than two billion pixels")]
        let whole = Bounds { x: 0, y: 0, w: viewport.w as i32, h: viewport.h as i32 };
        let parent =
            state.parent.as_ref().and_then(|parent| snapshot.frames.iter().position(|frame| frame.id == *parent));
        let (place, hidden) = match state.parent {
            None => (whole, false),
            // Its element was not found, so nobody can say where it stands; nothing is typed into it.
            Some(_) => stands.get(id).copied().unwrap_or((Bounds::default(), true)),
        };
        for child in &look.children {
            stands.insert(
                child.id.clone(),
                (child.place.moved(place.x, place.y), child.hidden || hidden || child.place.is_empty()),
            );
        }
        let mut frame = look.frame;
        frame.id.clone_from(id);
        frame.document.clone_from(&state.document);
        frame.parent = parent.and_then(|index| u32::try_from(index).ok());
        frame.hidden = hidden;
        frame.place = place;
        move_all(&mut frame, place.x, place.y);
        snapshot.frames.push(frame);
    }
    snapshot
}

fn move_all(frame: &mut Frame, x: i32, y: i32) {
    let places = (frame.fields.iter_mut().map(|one| &mut one.place))
        .chain(frame.buttons.iter_mut().map(|one| &mut one.place))
        .chain(frame.links.iter_mut().map(|one| &mut one.place))
        .chain(frame.texts.iter_mut().map(|one| &mut one.place))
        .chain(frame.images.iter_mut().map(|one| &mut one.place))
        .chain(frame.forms.iter_mut().map(|one| &mut one.place))
        .chain(frame.dialogs.iter_mut().map(|one| &mut one.place))
        .chain(frame.challenges.iter_mut().map(|one| &mut one.place));
    for place in places {
        *place = place.moved(x, y);
    }
}
