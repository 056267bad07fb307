//! The ways to whoever looks on: what they are told, and the frames that they are shown.

use std::{collections::BTreeMap, sync::Arc};

use countersign_browser::ScreencastFrame;
use countersign_vault::Participant;
use countersign_wire::{ServerMessage, ViewerId};
use tokio::sync::{mpsc, oneshot, watch};

use crate::{
    session::Event,
    viewer_connection::{ViewerConnection, WAITING_MESSAGES},
};

pub(crate) struct Viewers {
    told: BTreeMap<ViewerId, mpsc::Sender<Arc<ServerMessage>>>,
    /// Who is just coming, and who waits for their place.
    coming: Option<oneshot::Sender<ViewerConnection>>,
    place: Option<ViewerConnection>,
    frames: watch::Sender<Option<Arc<ScreencastFrame>>>,
    /// Input waits here when the browser is slow, and with it the socket it comes from.
    input: mpsc::Sender<Event>,
    urgent: mpsc::UnboundedSender<Event>,
}

impl Viewers {
    pub(crate) const fn new(
        frames: watch::Sender<Option<Arc<ScreencastFrame>>>,
        input: mpsc::Sender<Event>,
        urgent: mpsc::UnboundedSender<Event>,
    ) -> Self {
        Self { told: BTreeMap::new(), coming: None, place: None, frames, input, urgent }
    }

    /// Somebody waits for a place.
    pub(crate) fn expect(&mut self, reply: oneshot::Sender<ViewerConnection>) {
        self.coming = Some(reply);
    }

    pub(crate) fn admit(&mut self, seat: ViewerId, person: Participant) {
        let (told, heard) = mpsc::channel(WAITING_MESSAGES);
        self.told.insert(seat, told);
        let mut frames = self.frames.subscribe();
        // Who comes later sees the picture that the others see.
        frames.mark_changed();
        let connection = ViewerConnection::new(seat, person, (self.input.clone(), self.urgent.clone()), heard, frames);
        self.place = Some(connection);
    }

    pub(crate) fn welcome(&mut self) {
        if let (Some(reply), Some(place)) = (self.coming.take(), self.place.take()) {
            // Whoever asked may have gone; then the seat's own end says so.
            let _ = reply.send(place);
        }
    }

    pub(crate) fn dismiss(&mut self, seat: ViewerId) {
        self.told.remove(&seat);
    }

    pub(crate) fn tell(&self, seat: ViewerId, told: ServerMessage) {
        if let Some(viewer) = self.told.get(&seat) {
            self.send(seat, viewer, &Arc::new(told));
        }
    }

    pub(crate) fn tell_all(&self, told: ServerMessage) {
        let told = Arc::new(told);
        for (seat, viewer) in &self.told {
            self.send(*seat, viewer, &told);
        }
    }

    /// Who does not read is let go, so that nothing piles up for them.
    fn send(&self, seat: ViewerId, viewer: &mpsc::Sender<Arc<ServerMessage>>, told: &Arc<ServerMessage>) {
        if let Err(mpsc::error::TrySendError::Full(_)) = viewer.try_send(Arc::clone(told)) {
            let _ = self.urgent.send(Event::Left(seat));
        }
    }
}

#[cfg(test)]
mod tests {
    use countersign_model::{Extras, Level};
    use countersign_wire::CloseReason;

    use super::*;
    use crate::{session::tests::person, viewer_connection::Outgoing};

    struct Room {
        viewers: Viewers,
        input: mpsc::Receiver<Event>,
        urgent: mpsc::UnboundedReceiver<Event>,
    }

    fn room() -> Room {
        let (input_to, input) = mpsc::channel(64);
        let (urgent_to, urgent) = mpsc::unbounded_channel();
        Room { viewers: Viewers::new(watch::channel(None).0, input_to, urgent_to), input, urgent }
    }

    impl Room {
        fn sits_down(&mut self, seat: ViewerId) -> ViewerConnection {
            let (reply, mut place) = oneshot::channel();
            self.viewers.expect(reply);
            self.viewers.admit(seat, person("ana", Level::Control, Extras::default()));
            self.viewers.welcome();
            place.try_recv().expect("a place")
        }
    }

    #[tokio::test]
    async fn who_does_not_read_is_let_go_and_nobody_waits_for_them() {
        let mut room = room();
        let (deaf, mut reads) = (room.sits_down(1), room.sits_down(2));
        for n in 0..500 {
            room.viewers.tell_all(ServerMessage::Pong { n });
            assert!(matches!(reads.next().await, Outgoing::Text(text) if text == format!(r#"{{"t":"pong","n":{n}}}"#)));
        }
        assert!(matches!(room.urgent.try_recv(), Ok(Event::Left(1))), "what piles up for them has an end");
        room.viewers.dismiss(1);
        while room.urgent.try_recv().is_ok() {}
        room.viewers.tell_all(ServerMessage::Pong { n: 500 });
        assert!(room.urgent.try_recv().is_err(), "who reads stays");
        drop(deaf);
        assert!(matches!(room.input.try_recv(), Ok(Event::Left(1))), "dropping it is leaving");
    }

    #[tokio::test]
    async fn garbage_ends_the_one_who_sends_it_and_a_place_that_nobody_waits_for_is_left() {
        let mut room = room();
        let mut viewer = room.sits_down(1);
        for _ in 0..10 {
            assert_eq!(viewer.heard("garbage").await, Ok(()));
        }
        assert_eq!(viewer.heard(r#"{"t":"ping","n":1}"#).await, Ok(()));
        assert!(matches!(room.input.try_recv(), Ok(Event::Asked { seat: 1, .. })));
        assert_eq!(viewer.heard("garbage").await, Err(CloseReason::Garbage));
        let (reply, place) = oneshot::channel();
        drop(place);
        room.viewers.expect(reply);
        room.viewers.admit(2, person("ben", Level::View, Extras::default()));
        room.viewers.welcome();
        assert!(matches!(room.input.try_recv(), Ok(Event::Left(2))));
    }

    #[tokio::test]
    async fn only_rights_that_have_changed_are_told_and_they_come_before_input() {
        let mut room = room();
        let mut viewer = room.sits_down(1);
        assert_eq!(viewer.seated(person("ana", Level::Control, Extras::default())).await, Ok(()));
        assert!(room.urgent.try_recv().is_err());
        assert_eq!(viewer.seated(person("ana", Level::View, Extras::default())).await, Ok(()));
        assert!(matches!(room.urgent.try_recv(), Ok(Event::Seated { seat: 1, .. })));
        drop(room);
        assert_eq!(viewer.heard(r#"{"t":"ping","n":1}"#).await, Err(CloseReason::Ended));
        assert!(matches!(viewer.next().await, Outgoing::Over));
    }
}
