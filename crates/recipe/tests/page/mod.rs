//! A page that exists only as a snapshot, built line by line.
#![allow(dead_code, reason = "each test file uses its own part of it")]

use countersign_recipe::{FieldRole, Recognised, SiteKnowledge, recognise};
use countersign_snapshot::{
    Bounds, Button, Dialog, Field, FieldKind, Form, Frame, Image, PageLink, PageSnapshot, Region, Text, TextRole, Words,
};

pub(crate) const SITE: &str = "https://example.org";

/// A page that is built line by line, in reading order.
#[derive(Default)]
pub(crate) struct Page(pub(crate) Frame);

impl Page {
    pub(crate) fn new() -> Self {
        let form = Form { real: true, action_origin: Some(SITE.into()), ..Form::default() };
        Self(Frame {
            id: "F".into(),
            document: "D".into(),
            origin: SITE.into(),
            address: format!("{SITE}/x"),
            forms: vec![form.clone(), form],
            ..Frame::default()
        })
    }

    fn next(&self) -> u32 {
        let frame = &self.0;
        1 + u32::try_from(
            frame.fields.len() + frame.buttons.len() + frame.links.len() + frame.texts.len() + frame.images.len(),
        )
        .unwrap_or_default()
    }

    pub(crate) fn field(self, kind: FieldKind, label: &str) -> Self {
        self.field_with(kind, label, |_| {})
    }

    pub(crate) fn field_with(mut self, kind: FieldKind, label: &str, change: impl FnOnce(&mut Field)) -> Self {
        let order = self.next();
        let mut field = Field {
            node: order,
            order,
            kind,
            words: Words { label: label.into(), ..Words::default() },
            form: Some(0),
            place: Bounds { x: 100, y: 60 * i32::try_from(order).unwrap_or_default(), w: 300, h: 40 },
            ..Field::default()
        };
        change(&mut field);
        self.0.fields.push(field);
        self
    }

    pub(crate) fn button(self, name: &str) -> Self {
        self.button_with(name, |_| {})
    }

    pub(crate) fn button_with(mut self, name: &str, change: impl FnOnce(&mut Button)) -> Self {
        let order = self.next();
        let mut button = Button {
            node: order,
            order,
            name: name.into(),
            form: Some(0),
            place: Bounds { x: 100, y: 60 * i32::try_from(order).unwrap_or_default(), w: 100, h: 40 },
            ..Button::default()
        };
        change(&mut button);
        self.0.buttons.push(button);
        self
    }

    pub(crate) fn link(mut self, name: &str, path: &str) -> Self {
        let order = self.next();
        let address = format!("{SITE}{path}");
        self.0.links.push(PageLink {
            node: order,
            order,
            name: name.into(),
            address,
            form: None,
            ..PageLink::default()
        });
        self
    }

    pub(crate) fn link_in(mut self, name: &str, path: &str, region: Region) -> Self {
        self = self.link(name, path);
        if let Some(link) = self.0.links.last_mut() {
            link.region = region;
        }
        self
    }

    pub(crate) fn at(mut self, path: &str, title: &str) -> Self {
        self.0.address = format!("{SITE}{path}");
        self.0.title = title.into();
        self
    }

    pub(crate) fn heading(self, text: &str) -> Self {
        self.text_with(text, |text| text.role = TextRole::Heading(1))
    }

    pub(crate) fn text(self, text: &str) -> Self {
        self.text_with(text, |_| {})
    }

    pub(crate) fn text_with(mut self, text: &str, change: impl FnOnce(&mut Text)) -> Self {
        let mut text = Text { order: self.next(), text: text.into(), ..Text::default() };
        change(&mut text);
        self.0.texts.push(text);
        self
    }

    pub(crate) fn image(mut self, w: i32, h: i32) -> Self {
        let order = self.next();
        let place = Bounds { x: 100, y: 60 * i32::try_from(order).unwrap_or_default(), w, h };
        self.0.images.push(Image { order, place, form: Some(0), ..Image::default() });
        self
    }

    pub(crate) fn dialog(mut self, name: &str, modal: bool) -> Self {
        let node = 900 + u32::try_from(self.0.dialogs.len()).unwrap_or_default();
        let place = Bounds { x: 400, y: 600, w: 400, h: 200 };
        self.0.dialogs.push(Dialog { node, name: name.into(), declared: !modal, modal, place });
        self
    }

    pub(crate) fn snapshot(self) -> PageSnapshot {
        PageSnapshot { frames: vec![self.0], ..PageSnapshot::default() }
    }

    pub(crate) fn read_for(self, account: &str) -> Recognised {
        recognise(&self.snapshot(), &SiteKnowledge { account: Some(account.into()), ..SiteKnowledge::at(SITE) })
    }

    pub(crate) fn read(self) -> Recognised {
        recognise(&self.snapshot(), &SiteKnowledge::at(SITE))
    }
}

pub(crate) fn roles(read: &Recognised) -> Vec<FieldRole> {
    read.parts.iter().map(|part| part.role).collect()
}
