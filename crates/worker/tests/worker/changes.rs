//! A change from start to end, and what holds afterwards.

use countersign_model::{ChangeKind, ChangeState};
use countersign_store::both_engines;
use serde_json::json;

use crate::house::{House, OLD, story};

both_engines! {
    async fn a_password_is_changed_and_proven(db: &TestDatabase) {
        let house = House::new(db).await;
        let wanted = house.credential("alice", &json!({"sign_in": {"guard": {"refuse_replay": true}}})).await;
        let worker = house.worker(house.options());
        let view = house.change(&wanted, ChangeKind::Change).await;
        assert_eq!(view.row.state, ChangeState::Changed, "{}", story(&view));
        let now = house.current(&wanted).await;
        assert!(house.practice.control().check("alice", &now) && !house.practice.control().check("alice", OLD));
        let pictures = view.events.iter().filter(|event| event.has_picture).count();
        assert!(pictures >= 2, "{}", story(&view));
        worker.stop().await;
    }
}
