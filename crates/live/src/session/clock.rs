//! How long a session may last, and how it ends.

use std::time::Duration;

use countersign_model::SessionEnd;
use countersign_wire::{RecordingEvent, ServerMessage};

use super::{
    event::{Effect, Heartbeat, PageEffect, VaultEffect},
    phase::Phase,
    state::SessionCore,
};

/// So many heartbeats may fail before the session is given up.
const MAX_FAILED: u32 = 12;

impl SessionCore {
    pub(super) fn beat(&mut self) {
        self.flush_keys();
        self.vault(VaultEffect::Heartbeat);
    }

    pub(super) fn heard(&mut self, heard: Heartbeat, now: Duration) {
        match heard {
            Heartbeat::Heard(wish) => {
                self.failed_heartbeats = 0;
                self.end = self.end.or(wish);
            }
            Heartbeat::Lost => self.end = Some(SessionEnd::NodeLost),
            Heartbeat::Failed => {
                self.failed_heartbeats += 1;
                if self.failed_heartbeats > MAX_FAILED {
                    self.end = Some(SessionEnd::NodeLost);
                }
            }
        }
        if now >= self.facts.longest {
            self.end_for(SessionEnd::Clock);
        }
        let with_people = !matches!(self.phase, Phase::Machine(_));
        if with_people && now.saturating_sub(self.last_input) >= self.facts.idle {
            self.end_for(SessionEnd::Idle);
        }
        self.tell_clock(now);
    }

    pub(super) fn tell_clock(&mut self, now: Duration) {
        let left = self.facts.longest.saturating_sub(now).as_secs();
        let idle_left = self.facts.idle.saturating_sub(now.saturating_sub(self.last_input)).as_secs();
        self.tell_all(ServerMessage::Clock { left, idle_left });
    }

    /// Everything of the session is written, whatever it was that ended it. Its end is, once all of this is done.
    pub(super) fn finish(&mut self, end: SessionEnd) {
        self.flush_keys();
        self.page(PageEffect::Hide);
        self.note(RecordingEvent::Ended { why: end });
        // Whoever reads that it has ended may go on to its recording, which is whole by then.
        self.effects.push(Effect::EndRecording);
        self.set_phase(Phase::Ended { end, text: end.says(&self.facts.owner_name) });
        if self.signed_in && self.facts.change.is_none() && end != SessionEnd::BrowserGone {
            self.effects.push(Effect::KeepBrowser);
        }
    }
}
