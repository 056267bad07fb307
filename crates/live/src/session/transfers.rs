//! Files into the page and out of it, where they are granted and once they are recorded.

use std::path::PathBuf;

use countersign_vault::{Participant, SessionAction};
use countersign_wire::{RecordingEvent, ServerMessage, UploadedFile, ViewerId};

use super::{
    event::{Effect, NotRecorded, PageEffect, Then, Upload, UploadBatch},
    state::SessionCore,
};
use crate::files::{LARGEST, StoredFile};

const NO_UPLOAD: &str = "you don't have access to upload files here";

impl SessionCore {
    /// The page asks for files.
    pub(super) fn file_wanted(&mut self, id: u64, multiple: bool) {
        let holder = self.holder().map(|(seat, person)| (seat, person.extras.upload));
        if let Some((seat, true)) = holder {
            return self.tell(seat, ServerMessage::FileWanted { id, multiple });
        }
        self.page(PageEffect::GiveFiles { id, paths: Vec::new() });
        if let Some((seat, _)) = holder {
            self.refuse(seat, "upload", NO_UPLOAD);
        }
    }

    pub(super) fn give_files(&mut self, seat: ViewerId, person: &Participant, id: u64, files: Vec<UploadedFile>) {
        if !person.extras.upload {
            return self.refuse(seat, "upload", NO_UPLOAD);
        }
        let left = files.into_iter().rev().map(|file| file.upload).collect();
        self.next_file(UploadBatch { seat, person: person.person, id, left, paths: Vec::new() });
    }

    fn next_file(&mut self, batch: UploadBatch) {
        if batch.left.is_empty() {
            self.page(PageEffect::GiveFiles { id: batch.id, paths: batch.paths });
        } else {
            self.effects.push(Effect::TakeUpload(batch));
        }
    }

    pub(super) fn upload_taken(&mut self, batch: UploadBatch, taken: Result<Upload, &'static str>) {
        let seat = batch.seat;
        match taken {
            Ok(upload) => {
                let (name, hash) = (upload.name.clone(), upload.hash.clone());
                let act = SessionAction::Uploaded { name, length: upload.size, hash };
                self.record(seat, act, Then::Upload { batch, upload });
            }
            Err(why) => self.refuse(seat, "upload", why),
        }
    }

    pub(super) fn upload_recorded(&mut self, mut batch: UploadBatch, upload: Upload, outcome: Result<(), NotRecorded>) {
        if let Err(why) = outcome {
            return self.refuse_unrecorded(batch.seat, "upload", why);
        }
        let who = self.person(batch.seat).map(|person| person.name.clone()).unwrap_or_default();
        self.note(RecordingEvent::Upload { hash: upload.hash, length: upload.size, name: upload.name, who });
        batch.paths.push(upload.path);
        self.next_file(batch);
    }

    /// The page has given a file. Nothing lies there where it failed, was refused or is too large for the browser.
    pub(super) fn downloaded(&mut self, id: u64, name: String, size: u64, path: Option<PathBuf>) {
        let holder = self.holder().map(|(seat, person)| (seat, person.person, person.extras.download));
        let why = match (holder, path) {
            (Some((seat, person, true)), Some(path)) if size <= LARGEST => {
                let file = StoredFile { path, name: name.clone(), person, size, incoming: false };
                self.effects.push(Effect::Offer { id: id.to_string(), file });
                return self.tell(seat, ServerMessage::Download { id, name, size });
            }
            (_, None) => "the file did not arrive",
            (_, Some(path)) => {
                self.effects.push(Effect::Remove(path));
                if holder.is_some_and(|(_, _, granted)| granted) {
                    "the file is larger than 25 MiB"
                } else {
                    "you don't have access to download files here"
                }
            }
        };
        if let Some((seat, ..)) = holder {
            self.refuse(seat, "download", why);
        }
    }
}
