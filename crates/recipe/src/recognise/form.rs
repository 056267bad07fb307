//! What belongs together on a page: a form, or a block that acts as one, with the words around it.

use std::collections::{BTreeMap, BTreeSet};

use countersign_snapshot::{
    Button, ButtonKind, ElementRef, Field, FieldKind, Frame, Image, PageLink, PageSnapshot, Text, TextRole,
};

use super::field::DescribedField;
use crate::words::{Concept, Meaning, attribute_meaning, meaning};

/// A group of fields and buttons that can be seen in one frame.
#[derive(Debug)]
pub(crate) struct DescribedForm<'a> {
    pub(crate) frame: &'a Frame,
    pub(crate) index: Option<u32>,
    pub(crate) dialog: Option<u32>,
    /// Lines that can be typed into, in reading order.
    pub(crate) lines: Vec<DescribedField<'a>>,
    /// Boxes and radio buttons.
    pub(crate) boxes: Vec<DescribedField<'a>>,
    /// Lists, texts of several lines and the like.
    pub(crate) others: usize,
    pub(crate) buttons: Vec<&'a Button>,
    pub(crate) images: Vec<&'a Image>,
    /// Fields of the same form that nobody sees yet.
    pub(crate) hidden: Vec<&'a Field>,
    /// A line of the form that cannot be changed, such as the name in the second step.
    pub(crate) fixed: Vec<&'a Field>,
    pub(crate) around: FormTexts,
}

/// What is said around a form.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct FormTexts {
    /// Headings of it, or the one it stands under, and the dialog's name.
    pub(crate) title: Meaning,
    /// The buttons that could send it.
    pub(crate) button: Meaning,
    /// Texts in it and between the heading and it.
    pub(crate) text: Meaning,
    /// Where it is sent, its name and class.
    pub(crate) attributes: Meaning,
    /// The links in it.
    pub(crate) links: Meaning,
    /// The links of the page outside of any form.
    pub(crate) beside: Meaning,
    /// The page's address and title.
    pub(crate) page: Meaning,
}

impl FormTexts {
    /// How strongly a concept is in the air.
    pub(crate) fn weight(&self, concept: Concept) -> f32 {
        let one = |meaning: Meaning, weight: f32| if meaning.has(concept) { weight } else { 0.0 };
        self.loud_weight(concept) + one(self.text, 0.7) + one(self.attributes, 0.7) + one(self.page, 0.4)
    }

    /// How strongly the form itself says it, apart from the texts around: beside a way in stands a way to sign up.
    pub(crate) fn own_weight(&self, concept: Concept) -> f32 {
        self.loud_weight(concept) + if self.attributes.has(concept) { 0.7 } else { 0.0 }
    }

    /// Whether the form helps who forgot the password: 1 in it, less beside it.
    pub(crate) const fn helps_who_forgot(&self) -> f32 {
        if self.links.has(Concept::Forgot) || self.button.has(Concept::Forgot) {
            1.0
        } else if self.beside.has(Concept::Forgot) {
            0.5
        } else {
            0.0
        }
    }

    /// How strongly headings and buttons say it.
    pub(crate) fn loud_weight(&self, concept: Concept) -> f32 {
        let one = |meaning: Meaning| if meaning.has(concept) { 1.5 } else { 0.0 };
        one(self.title) + one(self.button)
    }
}

impl<'a> DescribedForm<'a> {
    pub(crate) fn reference(&self, node: u32) -> ElementRef {
        self.frame.reference(node)
    }

    /// The order of its first and last part on the page.
    pub(crate) fn span(&self) -> (u32, u32) {
        let orders =
            self.lines.iter().map(|line| line.field.order).chain(self.buttons.iter().map(|button| button.order));
        let orders = orders.chain(self.boxes.iter().map(|one| one.field.order));
        orders.fold((u32::MAX, 0), |(low, high), order| (low.min(order), high.max(order)))
    }

    /// The button that sends it: the one that says so, else the first below or beside its last line.
    pub(crate) fn submit(&self, wanted: &[Concept], unwanted: &[Concept]) -> Option<&'a Button> {
        let last = self.lines.iter().chain(&self.boxes).map(|line| line.field.order).max().unwrap_or(0);
        let weigh = |button: &&'a Button| {
            let says = meaning(&button.name).and(attribute_meaning(&button.hints));
            let named = meaning(&button.name);
            let mut score: f32 = match button.kind {
                ButtonKind::Submit => 2.0,
                ButtonKind::Plain => 0.5,
                ButtonKind::Widget => 0.0,
                ButtonKind::Reset => -5.0,
            };
            score += if named.any(wanted) { 2.0 } else { 0.0 };
            score -= if says.any(unwanted) { 3.0 } else { 0.0 };
            let beside = [Concept::Show, Concept::Cancel, Concept::Close, Concept::OtherWay, Concept::Forgot];
            // "Trouble logging in?" asks, and sends nothing.
            let asks = button.name.trim_end().ends_with(['?', '？', '؟']);
            let elsewhere = named.leads_elsewhere() || self.one_of_several(button);
            score -= match (asks, elsewhere || named.any(&beside)) {
                (true, _) => 4.0,
                (false, true) => 2.5,
                (false, false) => 0.0,
            };
            score -= if named.has(Concept::Delete) { 3.0 } else { 0.0 };
            // A small button within a line shows the password or clears the line.
            let inside = self.lines.iter().any(|line| {
                let (a, b) = (button.place, line.field.place);
                a.shares_rows_with(b) && a.x >= b.x && a.right() <= b.right().saturating_add(2)
            });
            score -= if inside { 4.0 } else { 0.0 };
            score += if button.order > last { 1.0 } else { 0.0 };
            score -= if button.opens { 1.5 } else { 0.0 };
            score
        };
        let best = self.buttons.iter().copied().filter(|button| !button.opens || !button.name.is_empty());
        best.map(|button| (weigh(&button), button))
            .filter(|(score, _)| *score > -0.5)
            .max_by(|a, b| a.0.total_cmp(&b.0).then(b.1.order.cmp(&a.1.order)))
            .map(|(_, button)| button)
    }
}

impl<'a> DescribedForm<'a> {
    /// A button that stands outside of any form, after the lines, and says that it sends them: "Save" at the foot of a page.
    pub(crate) fn submit_outside(&self, wanted: &[Concept], unwanted: &[Concept]) -> Option<&'a Button> {
        let last = self.lines.iter().map(|line| line.field.order).max().unwrap_or(u32::MAX);
        let says = |button: &&'a Button| {
            let says = meaning(&button.name);
            let other = [Concept::Delete, Concept::Cancel, Concept::SignOut, Concept::Forgot, Concept::Show];
            says.any(wanted) && !says.any(unwanted) && !says.any(&other)
        };
        let loose = self.frame.buttons.iter().filter(|button| {
            button.form.is_none() && button.dialog == self.dialog && !button.opens && button.kind != ButtonKind::Reset
        });
        loose.filter(|button| button.order > last).filter(says).min_by_key(|button| button.order)
    }
}

impl DescribedForm<'_> {
    /// Whether another button of the form says the same but for one word: "Enter with A", "Enter with B".
    fn one_of_several(&self, button: &Button) -> bool {
        let words: Vec<&str> = button.name.split_whitespace().collect();
        let alike = |other: &&Button| {
            let others: Vec<&str> = other.name.split_whitespace().collect();
            let differing = words.iter().zip(&others).filter(|(a, b)| a != b).count();
            other.node != button.node && words.len() > 1 && others.len() == words.len() && differing == 1
        };
        self.buttons.iter().any(alike)
    }
}

/// The groups of a page: those with fields to use, and dialogs and forms of buttons alone.
pub(crate) fn forms(snapshot: &PageSnapshot) -> Vec<DescribedForm<'_>> {
    let mut all = Vec::new();
    for (_, frame) in snapshot.visible_frames() {
        let page = attribute_meaning(path_of(&frame.address)).and(meaning(&frame.title));
        // Texts that speak of something else than the field they stand beside: headings, and labels of other fields.
        let headings = frame.texts.iter().filter(|text| matches!(text.role, TextRole::Heading(_)));
        let labels = frame.fields.iter().map(|field| field.words.label.as_str());
        let others: BTreeSet<&str> = headings.map(|text| text.text.as_str()).chain(labels).collect();
        let mut groups: BTreeMap<(Option<u32>, Option<u32>), DescribedForm<'_>> = BTreeMap::new();
        for field in &frame.fields {
            let form = groups.entry((field.form, field.dialog)).or_insert_with_key(|key| empty(frame, *key));
            if field.hidden.is_some() {
                form.hidden.push(field);
            } else if field.disabled || field.read_only && (field.filled || !field.kind.is_line()) {
                form.fixed.push(field);
            } else if field.kind.is_line() {
                form.lines.push(DescribedField::of(field, &others));
            } else if matches!(field.kind, FieldKind::Checkbox | FieldKind::Radio) {
                form.boxes.push(DescribedField::of(field, &others));
            } else {
                form.others += 1;
            }
        }
        for button in &frame.buttons {
            let key = (button.form, button.dialog);
            if let Some(form) = groups.get_mut(&key) {
                form.buttons.push(button);
            } else if let Some(form) = groups.iter_mut().find(|((form, _), _)| form.is_some() && *form == button.form) {
                form.1.buttons.push(button);
            } else if let Some(form) = only_form(&mut groups, button) {
                form.buttons.push(button);
            } else if button.form.is_some() || button.dialog.is_some() {
                groups.entry(key).or_insert_with_key(|key| empty(frame, *key)).buttons.push(button);
            }
        }
        for image in &frame.images {
            if let Some(form) = groups.get_mut(&(image.form, image.dialog)) {
                form.images.push(image);
            }
        }
        for form in groups.values_mut() {
            form.around = around(form, page);
            mark_foreign(form);
        }
        all.extend(groups.into_values());
    }
    all
}

/// Marks the lines that belong to another service: by their own words, by the button that stands before them as a label, or by
/// the section they stand in. Where a button says "Sign in", a password stays one, whatever directory it is kept in.
fn mark_foreign(form: &mut DescribedForm<'_>) {
    let around = form.around;
    let signs_in = around.button.has(Concept::SignIn);
    let topic = [Concept::SignIn, Concept::Reauth, Concept::Password];
    let section = around.title.has(Concept::Foreign)
        || around.attributes.has(Concept::Foreign)
        || around.page.has(Concept::Foreign) && !around.title.any(&topic);
    let mut before = 0;
    for line in &mut form.lines {
        let order = line.field.order;
        let labelled = form
            .buttons
            .iter()
            .any(|button| (before..order).contains(&button.order) && meaning(&button.name).has(Concept::Foreign));
        before = order;
        line.foreign = if signs_in {
            let account = [Concept::Password, Concept::Username];
            (line.said.has(Concept::Foreign) || labelled) && !line.said.any(&account)
        } else {
            line.foreign || labelled || section
        };
    }
}

/// The one form of the dialog that a button without a form stands in: it is that form's.
fn only_form<'a, 'b>(
    groups: &'b mut BTreeMap<(Option<u32>, Option<u32>), DescribedForm<'a>>,
    button: &Button,
) -> Option<&'b mut DescribedForm<'a>> {
    if button.form.is_some() || button.dialog.is_none() {
        return None;
    }
    let mut forms = groups.iter_mut().filter(|((_, dialog), form)| *dialog == button.dialog && !form.lines.is_empty());
    let (_, only) = forms.next()?;
    forms.next().is_none().then_some(only)
}

const fn empty(frame: &Frame, (index, dialog): (Option<u32>, Option<u32>)) -> DescribedForm<'_> {
    DescribedForm {
        frame,
        index,
        dialog,
        lines: Vec::new(),
        boxes: Vec::new(),
        others: 0,
        buttons: Vec::new(),
        images: Vec::new(),
        hidden: Vec::new(),
        fixed: Vec::new(),
        around: FormTexts {
            title: NOTHING,
            button: NOTHING,
            text: NOTHING,
            attributes: NOTHING,
            links: NOTHING,
            beside: NOTHING,
            page: NOTHING,
        },
    }
}

const NOTHING: Meaning = Meaning::nothing();

fn around(form: &DescribedForm<'_>, page: Meaning) -> FormTexts {
    let frame = form.frame;
    let (first, last) = form.span();
    let mut around = FormTexts { page, ..FormTexts::default() };
    let is_heading = |text: &&Text| matches!(text.role, TextRole::Heading(_));
    let ours = |text: &&Text| text.form.is_some() && text.form == form.index;
    let same_layer = |text: &&Text| text.dialog == form.dialog;
    for text in frame.texts.iter().filter(ours) {
        let says = meaning(&text.text);
        around.text = around.text.and(says);
        if is_heading(&text) {
            around.title = around.title.and(says);
        }
    }
    let inside = frame.texts.iter().filter(ours).any(|text| is_heading(&text));
    // The heading it stands under. One that stands within is nearer, but a page often says what it is about above it.
    let heading = frame.texts.iter().filter(same_layer).filter(is_heading).rfind(|text| text.order < first);
    if let Some(heading) = heading {
        let between =
            frame.texts.iter().filter(same_layer).filter(|text| text.order > heading.order && text.order < first);
        // Other forms between say that the heading is theirs as well.
        let alone = !frame.fields.iter().any(|field| {
            field.hidden.is_none() && field.form != form.index && field.order > heading.order && field.order < first
        });
        if !inside || alone {
            around.title = around.title.and(meaning(&heading.text));
        }
        if alone {
            around.text = between.fold(around.text, |all, text| all.and(meaning(&text.text)));
        }
    } else {
        let before = frame.texts.iter().filter(same_layer).filter(|text| text.order < first).rev().take(4);
        around.text = before.fold(around.text, |all, text| all.and(meaning(&text.text)));
    }
    let after =
        frame.texts.iter().filter(same_layer).filter(|text| text.order > last && text.order < last.saturating_add(4));
    // A heading begins something else, such as how to close the account.
    let after = after.take_while(|text| !is_heading(text));
    around.text = after
        .filter(|text| text.form.is_none() || text.form == form.index)
        .fold(around.text, |all, text| all.and(meaning(&text.text)));
    if let Some(dialog) = form.dialog.and_then(|index| frame.dialogs.get(index as usize)) {
        around.title = around.title.and(meaning(&dialog.name));
    }
    for button in &form.buttons {
        let says = meaning(&button.name);
        // "Sign in with …" belongs to another site.
        if !matches!(button.kind, ButtonKind::Widget | ButtonKind::Reset) && !button.opens && !says.leads_elsewhere() {
            around.button = around.button.and(says);
        }
    }
    let says = |wanted: &dyn Fn(&&PageLink) -> bool| {
        let links = frame.links.iter().filter(wanted);
        links.fold(NOTHING, |all, link| all.and(meaning(&link.name)))
    };
    around.links = says(&|link| link.form.is_some() && link.form == form.index);
    around.beside = says(&|link| link.form.is_none() && link.dialog == form.dialog);
    if let Some(described) = form.index.and_then(|index| frame.forms.get(index as usize)) {
        around.attributes = attribute_meaning(&described.action_path).and(attribute_meaning(&described.hints));
    }
    around
}

/// The path of an address, without what may be secret.
pub(crate) fn path_of(address: &str) -> &str {
    let rest = address.split_once("://").map_or(address, |(_, rest)| rest);
    let path = rest.find('/').map_or("", |at| &rest[at..]);
    path.split(['?']).next().unwrap_or_default()
}
