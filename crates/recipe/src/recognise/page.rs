//! What a whole page is.

use countersign_snapshot::{ElementRef, Frame, PageSnapshot, TextRole};
use serde::{Deserialize, Serialize};

use super::{
    choice::{Choice, Press, choice},
    evidence::{PageEvidence, is_edge, refusals, shows_account},
    field::FieldRole,
    form::{DescribedForm, forms},
    kind::{self, ClassifiedForm, FormKind, judge},
    message::MessageKind,
    methods::{MethodChoice, asks_which, methods},
    overlay::{Overlay, overlays},
    said::rules_said,
};
use crate::{
    Fingerprint, PasswordRules, SiteKnowledge,
    words::{Concept, Meaning, meaning},
};

/// What a page is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PageKind {
    /// Asks for name, password, token, or some of them.
    SignIn,
    /// Asks for the token alone.
    Token,
    /// Asks whether this browser is to be trusted.
    Trust,
    /// Asks whether a sign-in from somewhere was the owner's.
    Location,
    /// Asks for a code that was sent to the owner.
    DeviceCode,
    /// Asks for proof that one is human.
    Captcha,
    /// Asks somebody who is signed in for the password again.
    Reauthenticate,
    /// Asks for a new password.
    Change,
    /// Asks whether the change is really wanted.
    ConfirmChange,
    /// Tells that the password was changed, and asks for nothing.
    Changed,
    /// Asks by which way to sign in, or which second factor to use; see [`Recognised::methods`].
    Methods,
    /// A page for somebody who is signed in.
    SignedIn,
    /// The account is locked.
    Locked,
    /// Too many requests.
    RateLimited,
    /// Nothing is here.
    Missing,
    /// The site is broken.
    Broken,
    /// The server cannot be reached.
    Unreachable,
    /// None of these.
    Unknown,
}

/// A field or button that a page is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Part {
    /// Where it is.
    pub element: ElementRef,
    /// Its frame's origin, as the snapshot saw it.
    pub origin: String,
    /// What it is for.
    pub role: FieldRole,
    /// What it keeps of a text that is typed.
    pub max_length: Option<u32>,
    /// Something is in it already.
    pub filled: bool,
}

/// A line that has to be filled and that nobody knows what to write into: a tenant, an account number, a question.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Question {
    /// Where it is.
    pub element: ElementRef,
    /// Its frame's origin, as the snapshot saw it.
    pub origin: String,
    /// What a person would call it.
    pub label: String,
    /// Its `name` attribute, else its `id`: how it is known again.
    pub html_name: String,
    /// The page says that it has to be filled.
    pub required: bool,
    /// Something is in it already.
    pub filled: bool,
}

/// A page with what can be done on it.
#[derive(Debug, Clone)]
pub struct Recognised {
    /// What it is.
    pub kind: PageKind,
    /// How sure that is, 0 to 1. Below 0.5 no secret is typed.
    pub score: f32,
    /// The fields that matter, in reading order.
    pub parts: Vec<Part>,
    /// The button that sends them.
    pub submit: Option<ElementRef>,
    /// The origin the form is sent to, where that is written down.
    pub sends_to: Option<String>,
    /// The origin that Enter sends it to, where that is written down: by the form, or by its first button.
    pub enter_sends_to: Option<String>,
    /// The answers to a question.
    pub yes: Option<Press>,
    /// The other answer.
    pub no: Option<Press>,
    /// What lies over the page.
    pub overlays: Vec<Overlay>,
    /// Something shows that somebody is signed in.
    pub signed_in: bool,
    /// Something shows that nobody is.
    pub signed_out: bool,
    /// A puzzle stands in the form: a person has to solve it before it is sent.
    pub puzzle: bool,
    /// Empty lines of the form that nobody knows what to write into.
    pub unread: usize,
    /// Those lines of the form, filled or not.
    pub questions: Vec<Question>,
    /// The ways that are offered to choose.
    pub methods: Vec<MethodChoice>,
    /// The account is named, or has its menu, where a stranger would not see it.
    pub account: bool,
    /// The texts of the page that speak against being signed in, new or not: a refusal, a lock, a fault.
    pub refusals: Vec<(MessageKind, String)>,
    /// What the words near the lines for a new password say of it; `None` where they say nothing.
    pub rules_said: Option<PasswordRules>,
    /// How its parts can be known again.
    pub fingerprints: Vec<Fingerprint>,
}

impl Recognised {
    fn nothing(nature: &PageEvidence) -> Self {
        Self {
            kind: PageKind::Unknown,
            score: 0.0,
            parts: Vec::new(),
            submit: None,
            sends_to: None,
            enter_sends_to: None,
            yes: None,
            no: None,
            overlays: Vec::new(),
            signed_in: nature.signed_in,
            signed_out: nature.signed_out,
            puzzle: nature.widget,
            unread: 0,
            questions: Vec::new(),
            methods: Vec::new(),
            account: false,
            refusals: Vec::new(),
            rules_said: None,
            fingerprints: Vec::new(),
        }
    }

    /// The page is about something else than the form that was read.
    fn forget_form(&mut self) {
        self.parts.clear();
        self.fingerprints.clear();
        self.questions.clear();
        self.rules_said = None;
        self.submit = None;
        self.sends_to = None;
        self.enter_sends_to = None;
        self.unread = 0;
    }

    /// The part with a role.
    pub fn part(&self, role: FieldRole) -> Option<&Part> {
        self.parts.iter().find(|part| part.role == role)
    }

    /// All parts with a role.
    pub fn parts(&self, role: FieldRole) -> impl Iterator<Item = &Part> {
        self.parts.iter().filter(move |part| part.role == role)
    }
}

/// Reads a snapshot.
pub fn recognise(snapshot: &PageSnapshot, site: &SiteKnowledge) -> Recognised {
    let nature = PageEvidence::of(snapshot);
    let place = kind::FormContext {
        outside: nature.signed_out && !nature.signed_in,
        inside: nature.signed_in && !nature.signed_out,
    };
    let mut judged: Vec<ClassifiedForm<'_>> = forms(snapshot).into_iter().map(|form| judge(form, place)).collect();
    for hint in &site.hints {
        judged.iter_mut().for_each(|one| one.take_hint(hint));
    }
    judged.retain(|one| !place.inside || is_sole_topic(one, snapshot));
    let best = best(&judged);
    let asked = asked(snapshot);
    let mut page = Recognised::nothing(&nature);
    page.puzzle |= best.is_some_and(|best| best.puzzle);
    if let Some(best) = best {
        fill(&mut page, best);
    }
    page.methods = methods(snapshot, site, page.submit.as_ref());
    let (kind, score) = decide(snapshot, best, &nature, asked.as_ref(), &page.methods);
    (page.kind, page.score) = (kind, score.clamp(0.0, 1.0));
    if !kind.is_form() {
        page.forget_form();
    }
    let asks = kind.is_form() && kind != PageKind::Change || kind == PageKind::Methods;
    page.signed_out |= kind == PageKind::SignIn && page.parts.iter().any(|part| part.role != FieldRole::TrustBox);
    page.account = shows_account(snapshot, site, asks, page.signed_out && !page.signed_in);
    page.refusals = refusals(snapshot);
    if let Some((_, choice)) = asked.filter(|(asked, _)| *asked == kind) {
        page.yes = choice.yes;
        page.no = choice.no;
    }
    let wanted: Vec<ElementRef> = (page.parts.iter().map(|part| part.element.clone()))
        .chain(page.submit.clone())
        .chain(page.yes.iter().map(|press| press.button.clone()))
        .chain(page.methods.iter().filter(|_| kind == PageKind::Methods).map(|choice| choice.element.clone()))
        .collect();
    page.overlays = overlays(snapshot, &wanted);
    page
}

impl PageKind {
    const fn is_form(self) -> bool {
        matches!(
            self,
            Self::SignIn | Self::Token | Self::DeviceCode | Self::Captcha | Self::Reauthenticate | Self::Change
        )
    }
}

/// The form that the page is about.
fn best<'a, 'b>(judged: &'a [ClassifiedForm<'b>]) -> Option<&'a ClassifiedForm<'b>> {
    // A form in a dialog is what the page asks now; a form behind one is not.
    let weigh = |one: &ClassifiedForm<'_>| {
        let covered = one.form.lines.iter().any(|line| line.field.covered);
        let dialog = f32::from(u8::from(one.form.dialog.is_some())) * 0.5;
        let change = f32::from(u8::from(one.kind == FormKind::Change)) * 0.7;
        one.score + dialog + change - f32::from(u8::from(covered)) * 0.5
    };
    judged.iter().filter(|one| one.kind != FormKind::Other).max_by(|a, b| weigh(a).total_cmp(&weigh(b)))
}

/// Whether a form that asks somebody who is in for the password again is all that its page, or its dialog, asks: beside other
/// settings it is one of them, and the password there is another one.
fn is_sole_topic(best: &ClassifiedForm<'_>, snapshot: &PageSnapshot) -> bool {
    if !matches!(best.kind, FormKind::Reauthenticate | FormKind::SignIn) {
        return true;
    }
    let DescribedForm { frame, index, dialog, .. } = &best.form;
    let other = |field: &&countersign_snapshot::Field| {
        let line = field.kind.is_line()
            || matches!(
                field.kind,
                countersign_snapshot::FieldKind::Select | countersign_snapshot::FieldKind::TextArea
            );
        line && field.usable() && field.form != *index && field.dialog == *dialog && !is_edge(field.region)
    };
    !snapshot.visible_frames().any(|(_, one)| one.id == frame.id && one.fields.iter().any(|field| other(&field)))
}

/// A question that is answered by pressing.
fn asked(snapshot: &PageSnapshot) -> Option<(PageKind, Choice)> {
    let topics = [
        (PageKind::Trust, Concept::Trust),
        (PageKind::Location, Concept::Location),
        (PageKind::ConfirmChange, Concept::Change),
    ];
    topics.into_iter().find_map(|(kind, topic)| {
        let asks = |frame: &Frame, layer: Option<u32>| says(frame, layer, kind);
        let choice = choice(snapshot, topic, &asks);
        let both = choice.yes.is_some() && choice.no.is_some();
        let enough = both || (kind != PageKind::ConfirmChange && choice.yes.is_some());
        enough.then_some((kind, choice))
    })
}

/// Whether the texts of a layer put the question.
fn says(frame: &Frame, layer: Option<u32>, kind: PageKind) -> bool {
    let (mut all, mut loud) = (Meaning::nothing(), Meaning::nothing());
    for text in frame.texts.iter().filter(|text| text.dialog == layer && text.text.chars().count() <= 200) {
        let says = meaning(&text.text);
        all = all.and(says);
        if matches!(text.role, TextRole::Heading(_) | TextRole::Alert | TextRole::Status) {
            loud = loud.and(says);
        }
    }
    if let Some(dialog) = layer.and_then(|index| frame.dialogs.get(index as usize)) {
        loud = loud.and(meaning(&dialog.name));
        all = all.and(loud);
    }
    match kind {
        PageKind::Trust => all.has(Concept::Trust),
        PageKind::Location => all.has(Concept::Location),
        _ => {
            all.has(Concept::Password) && all.any(&[Concept::Change, Concept::New])
                || loud.has(Concept::Sure) && !loud.any(&[Concept::Delete, Concept::SignOut, Concept::Done])
        }
    }
}

fn decide(
    snapshot: &PageSnapshot,
    best: Option<&ClassifiedForm<'_>>,
    nature: &PageEvidence,
    asked: Option<&(PageKind, Choice)>,
    methods: &[MethodChoice],
) -> (PageKind, f32) {
    let status = snapshot.answer.as_ref().map_or(200, |answer| answer.status);
    if snapshot.main().is_some_and(|main| main.unreachable) {
        return (PageKind::Unreachable, 1.0);
    }
    // Whatever such a page asks for, its server has failed: no answer of it says anything of a password.
    if status >= 500 && !nature.widget {
        return (PageKind::Broken, 0.9);
    }
    if let Some(best) = best {
        let score = (best.score / 3.0).min(1.0).min(0.3 + best.margin * 0.3);
        let kind = match best.kind {
            FormKind::SignIn | FormKind::Question => PageKind::SignIn,
            FormKind::Token => PageKind::Token,
            FormKind::SentCode => PageKind::DeviceCode,
            FormKind::Puzzle => PageKind::Captcha,
            FormKind::Reauthenticate => PageKind::Reauthenticate,
            FormKind::Change | FormKind::Other => PageKind::Change,
        };
        return (kind, score);
    }
    if nature.widget {
        return (PageKind::Captcha, 0.9);
    }
    if status == 429 {
        return (PageKind::RateLimited, 0.9);
    }
    if status >= 500 {
        return (PageKind::Broken, 0.9);
    }
    if !nature.signed_in && !nature.lines && asks_which(snapshot, methods, nature.says) {
        return (PageKind::Methods, 0.7);
    }
    if let Some((kind, _)) = asked.filter(|_| !nature.lines) {
        return (*kind, 0.7);
    }
    for (concept, kind, score) in [
        (Concept::Locked, PageKind::Locked, 0.7),
        (Concept::TooMany, PageKind::RateLimited, 0.6),
        (Concept::Broken, PageKind::Broken, 0.6),
    ] {
        if nature.title.has(concept) && !nature.signed_in {
            return (kind, score);
        }
    }
    if status == 404 || status == 410 || (nature.title.has(Concept::Missing) && !nature.loud.has(Concept::Done)) {
        return (PageKind::Missing, 0.7);
    }
    if nature.loud.has(Concept::Done) && nature.says.has(Concept::Password) {
        return (PageKind::Changed, 0.7);
    }
    if nature.signed_in && !nature.signed_out {
        return (PageKind::SignedIn, 0.9);
    }
    if nature.signed_in {
        return (PageKind::SignedIn, 0.6);
    }
    (PageKind::Unknown, 0.0)
}

fn fill(page: &mut Recognised, best: &ClassifiedForm<'_>) {
    let form = &best.form;
    for (node, role) in &best.roles {
        let Some(field) = form.frame.field(*node) else { continue };
        page.parts.push(Part {
            element: form.reference(*node),
            origin: form.frame.origin.clone(),
            role: *role,
            max_length: field.max_length,
            filled: field.filled,
        });
        page.fingerprints.push(Fingerprint::of(field, form.frame, *role));
    }
    let known = |node: u32| best.roles.iter().any(|(one, _)| *one == node);
    page.questions = (form.lines.iter().filter(|line| !known(line.field.node)))
        .filter(|line| !is_edge(line.field.region) && !line.says(Concept::Search))
        .map(|line| Question {
            element: form.reference(line.field.node),
            origin: form.frame.origin.clone(),
            label: line.field.words.name().to_owned(),
            html_name: [&line.field.words.html_name, &line.field.words.html_id]
                .into_iter()
                .find(|name| !name.is_empty())
                .cloned()
                .unwrap_or_default(),
            required: line.field.required,
            filled: line.field.filled,
        })
        .collect();
    page.unread = page.questions.iter().filter(|question| !question.filled).count();
    let (wanted, unwanted): (&[Concept], &[Concept]) = match best.kind {
        FormKind::SignIn | FormKind::Reauthenticate => (&[Concept::SignIn, Concept::Next], &[Concept::SignUp]),
        FormKind::Change => (&[Concept::Change, Concept::Save, Concept::Next], &[Concept::SignOut]),
        _ => (&[Concept::Next, Concept::SignIn, Concept::Yes], &[Concept::SignUp, Concept::Sent]),
    };
    let described = form.index.and_then(|index| form.frame.forms.get(index as usize));
    let described = described.filter(|form| form.real);
    let by_form = described.and_then(|form| form.action_origin.clone());
    page.enter_sends_to = described.and_then(|form| form.enter_origin.clone()).or_else(|| by_form.clone());
    page.rules_said = rules_said(form, &best.roles);
    let outside = || form.submit_outside(wanted, unwanted).filter(|_| best.kind == FormKind::Change);
    let submit = form.submit(wanted, unwanted).or_else(outside);
    // A button may send the form elsewhere than the form says. Without one, Enter does what the form's first button would.
    page.sends_to = match submit {
        Some(button) => button.action_origin.clone().or(by_form),
        None => page.enter_sends_to.clone(),
    };
    page.submit = submit.map(|button| form.reference(button.node));
}
