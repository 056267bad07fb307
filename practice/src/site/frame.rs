//! The sign-in in a frame of another origin and another site.
//!
//! A frame of another site has no cookies of its own here, so its addresses carry the visit. When all is done the frame
//! tells the page around it, which goes on.

use super::{Answer, Page, Site};
use crate::html::el;
use crate::page_name::PageName;
use crate::words::Word;

impl Site<'_> {
    /// The page of the site with the frame in it.
    pub(super) fn sign_in_frame(&mut self) -> Answer {
        let source = format!("{}{}?v={}", self.world.origins.frame, self.layout.paths.sign_in, self.ask.visit);
        let title = self.say(Word::SignInTitle);
        let frame = el("iframe").class("sign-in").at("src", source).at("title", title);
        Page::new(PageName::SignIn, title, vec![el("h1").text(title).into(), frame.into()]).into()
    }

    /// The last page in the frame: its script tells the page around it.
    pub(super) fn frame_done(&mut self) -> Answer {
        let text = self.say(Word::SignInTitle);
        let next = if self.layout.lands_on_feed { &self.layout.paths.feed } else { &self.layout.paths.profile };
        let next = next.clone();
        let next = self.visit().return_to.take().unwrap_or(next);
        let sign = el("p").class("frame-done").at("data-next", next).text(format!("{text} …"));
        Page::new(PageName::FrameDone, text, vec![sign.into()]).into()
    }
}
