//! What a form is for.

use countersign_snapshot::{FieldKind, Region};

use super::{
    evidence::is_edge,
    field::{AutoToken, DescribedField, FieldRole},
    form::DescribedForm,
    lines::{alone_in_code_air, digit_boxes, nameless_after_password, puzzle, sent, silent_name, trust_box, username},
    passwords,
};
use crate::{
    FieldHint,
    words::{Concept, meaning},
};

/// What a form is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum FormKind {
    /// Name, password, token: some or all of them.
    SignIn,
    /// The token alone.
    Token,
    /// A code that was sent somewhere.
    SentCode,
    /// A puzzle alone.
    Puzzle,
    /// A question that only the owner can answer.
    Question,
    /// The password again, by somebody who is signed in.
    Reauthenticate,
    /// A new password.
    Change,
    /// None of our business.
    Other,
}

/// A form with what its parts are for.
#[derive(Debug)]
pub(crate) struct ClassifiedForm<'a> {
    pub(crate) form: DescribedForm<'a>,
    pub(crate) kind: FormKind,
    /// How sure that is; below 1 it is a guess.
    pub(crate) score: f32,
    /// How far ahead of any other reading of its passwords; 9 where there is no other.
    pub(crate) margin: f32,
    /// Each field that matters with its role, in reading order. Boxes for one digit each are all tokens.
    pub(crate) roles: Vec<(u32, FieldRole)>,
    /// It contains a puzzle that a person has to solve.
    pub(crate) puzzle: bool,
}

impl ClassifiedForm<'_> {
    /// A hint says what one of the fields is for: that holds, whatever it looks like.
    pub(crate) fn take_hint(&mut self, hint: &FieldHint) {
        let fits = |line: &&DescribedField<'_>| {
            let same = |wanted: &Option<String>, is: &str| wanted.as_deref().is_none_or(|wanted| wanted == is);
            (hint.html_name.is_some() || hint.html_id.is_some())
                && same(&hint.html_name, &line.field.words.html_name)
                && same(&hint.html_id, &line.field.words.html_id)
        };
        let Some(node) = self.form.lines.iter().chain(&self.form.boxes).find(fits).map(|line| line.field.node) else {
            return;
        };
        self.roles.retain(|(one, role)| *one != node && *role != hint.role);
        self.roles.push((node, hint.role));
        let order = |node: u32| self.form.frame.field(node).map_or(0, |field| field.order);
        self.roles.sort_by_key(|(node, _)| order(*node));
        self.kind = match hint.role {
            FieldRole::NewPassword | FieldRole::RepeatPassword => FormKind::Change,
            FieldRole::Token if self.kind == FormKind::Other => FormKind::Token,
            _ if self.kind == FormKind::Other => FormKind::SignIn,
            _ => self.kind,
        };
        self.score = self.score.max(3.0);
        self.margin = 9.0;
    }
}

/// Where a form is read.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct FormContext {
    /// The page offers a way to sign in or up, so nobody is signed in who could change a password.
    pub(crate) outside: bool,
    /// The page offers a way out, so somebody is signed in, who is asked for a password only to change or to confirm.
    pub(crate) inside: bool,
}

/// How much a form with a line for a name and none for a secret looks like the first step of signing in. `beside` says how
/// much it looks like something else.
fn score_of_a_name(form: &DescribedForm<'_>, (node, weight): (u32, f32), puzzle: Option<u32>, beside: f32) -> f32 {
    let air = |concept| form.around.weight(concept);
    // What asks for an address at the foot of a page sends news, whatever stands above it.
    let line = form.lines.iter().find(|line| line.field.node == node);
    let sends_news = line.is_some_and(|line| {
        line.names.has(Concept::Newsletter) || matches!(line.field.region, Region::Footer | Region::Aside)
    });
    if sends_news {
        return 0.0;
    }
    let evidence = name_alone(form, node, puzzle);
    let score = if evidence > 0.6 { evidence + weight * 0.4 } else { 0.0 };
    score
        - (form.around.own_weight(Concept::SignUp)
            + beside * 1.5
            + air(Concept::Forgot) * 0.8
            + air(Concept::Delete)
            + air(Concept::Change))
}

/// What a form is for, and each of its lines.
pub(crate) fn judge(form: DescribedForm<'_>, place: FormContext) -> ClassifiedForm<'_> {
    let air = |concept| form.around.weight(concept);
    let passwords: Vec<&DescribedField<'_>> = form.lines.iter().filter(|line| line.is_password()).collect();
    let digits = digit_boxes(&form);
    let passwords: Vec<&DescribedField<'_>> =
        passwords.into_iter().filter(|line| !digits.contains(&line.field.node)).collect();
    let open: Vec<&DescribedField<'_>> =
        form.lines.iter().filter(|line| !line.is_password() && !digits.contains(&line.field.node)).collect();

    let puzzle = puzzle(&form, &open, !passwords.is_empty());
    let code = code(&form, &open, &passwords, puzzle);
    let username = username(&open, passwords.first().copied(), code.map(|(_, line)| line.field.node), puzzle)
        .or_else(|| silent_name(&form, &open, &passwords));

    let has_code = code.is_some() || !digits.is_empty();
    let named = username.is_some();
    let asked_for_name = named && !(passwords.len() >= 2 && (about_change(&form) || passwords.len() == 3));
    let changing = changing(&form) + if is_record(&form, &passwords) { 2.2 } else { 0.0 }
        - signing_in(&form, asked_for_name && !is_record(&form, &passwords), has_code, place.outside);
    let reading = passwords::read(&passwords, changing);
    let sent = sent(&form, code.map(|(_, line)| line));
    let code_role = if sent { FieldRole::SentCode } else { FieldRole::Token };

    let recovery = air(Concept::Recovery) > 1.4 || code.is_some_and(|(_, line)| line.weight(Concept::Recovery) >= 1.8);
    let beside = air(Concept::Newsletter).max(air(Concept::Search)).max(if form.others > 0 { 0.6 } else { 0.0 });

    let (kind, score, margin) = if passwords.len() > 3 || opens_an_account(&form, &passwords) {
        (FormKind::Other, 0.0, 9.0)
    } else if let Some(reading) = &reading {
        with_passwords(&form, reading, named, has_code, changing, place)
    } else if has_code && !recovery && form.around.own_weight(Concept::SignUp) < 1.5 {
        let kind = if sent { FormKind::SentCode } else { FormKind::Token };
        let score =
            1.0 + air(Concept::Code).max(air(Concept::Authenticator)) * 0.5 + if digits.is_empty() { 0.0 } else { 1.0 };
        // A line that says itself what it is needs no heading that says so, too.
        let clear = if code.is_some_and(|(own, _)| own >= 3.0) { 0.6 } else { 0.0 };
        (kind, score + clear - beside, 9.0)
    } else if puzzle.is_some() && username.is_none() {
        (FormKind::Puzzle, 1.0 + air(Concept::Human), 9.0)
    } else if username.is_none() && open.iter().any(|line| line.is_question()) && !place.inside && is_asked_first(&form)
    {
        (FormKind::Question, 1.0 + air(Concept::SignIn) + air(Concept::Question), 9.0)
    } else if let Some((node, weight)) = username {
        (FormKind::SignIn, score_of_a_name(&form, (node, weight), puzzle, beside), 9.0)
    } else {
        (FormKind::Other, 0.0, 9.0)
    };
    // Lines that stand in no form and beside no button are pieces of something else.
    let loose = form.index.is_none() && form.buttons.is_empty() && form.dialog.is_none();
    let score = if loose { score - 0.6 } else { score };
    // Without a name that is ours to give, or with too little that speaks for it, it is somebody else's form.
    let kind = if score <= 0.3 { FormKind::Other } else { kind };

    let mut roles: Vec<(u32, FieldRole)> = Vec::new();
    if !matches!(kind, FormKind::Other | FormKind::Question) {
        if let Some(reading) = &reading {
            roles.extend(passwords.iter().zip(&reading.roles).map(|(line, role)| (line.field.node, *role)));
        }
        roles.extend(username.map(|(node, _)| (node, FieldRole::Username)).filter(|_| takes_name(kind)));
        roles.extend(name_to_confirm(&form, kind).map(|node| (node, FieldRole::Username)));
        roles.extend(digits.iter().map(|node| (*node, code_role)));
        roles.extend(code.filter(|_| digits.is_empty()).map(|(_, line)| (line.field.node, code_role)));
        roles.extend(puzzle.map(|node| (node, FieldRole::Puzzle)));
        roles.extend(trust_box(&form).map(|node| (node, FieldRole::TrustBox)));
        let order = |node: u32| form.frame.field(node).map_or(0, |field| field.order);
        roles.sort_by_key(|(node, _)| order(*node));
    }
    ClassifiedForm { form, kind, score, margin, roles, puzzle: puzzle.is_some() }
}

/// The line for a token: one that says so, or that can be nothing else. A name, a puzzle, a card's code are none.
fn code<'a, 'b>(
    form: &'a DescribedForm<'b>,
    open: &[&'a DescribedField<'b>],
    passwords: &[&'a DescribedField<'b>],
    puzzle: Option<u32>,
) -> Option<(f32, &'a DescribedField<'b>)> {
    let air = form.around.weight(Concept::Authenticator).max(form.around.weight(Concept::Code));
    let pays = form.lines.iter().filter(|line| line.token == AutoToken::Card || line.is_of_a_card()).count() > 1
        && form.lines.iter().any(DescribedField::is_of_a_card);
    // Nobody pays where a name and a password are asked for to sign in: there, one attribute against another makes no card.
    let before = |password: &&DescribedField<'_>| open.iter().any(|line| line.field.order < password.field.order);
    let signs_in = matches!(passwords, [password] if before(password)) && form.around.weight(Concept::SignIn) > 0.0;
    let misdeclared = |line: &DescribedField<'_>| {
        let short = line.field.max_length.is_some_and(|most| most < 6);
        signs_in && !pays && !short && line.names.any(&[Concept::Code, Concept::Authenticator])
    };
    let may = |line: &&&DescribedField<'_>| {
        let pin = line.is_pin() && form.around.weight(Concept::Authenticator) < 0.7;
        let card = line.is_of_a_card()
            || line.token == AutoToken::Card
                && air < 0.4
                && line.weight(Concept::Authenticator) < 1.0
                && !longer_than_a_cards(line)
                && !misdeclared(line);
        let prefilled = line.field.filled && !line.field.secret && line.field.kind != FieldKind::Password;
        // "Company code", "Account ID (12 digits)": codes and digits, and no second factor.
        let other = line.weight(Concept::Authenticator) < 1.0
            && (line.says(Concept::OtherCode) || line.names.has(Concept::OtherCode) || line.says(Concept::Tenant));
        !other
            && !line.foreign
            && !pin
            && !card
            && !pays
            && !line.is_declared_name()
            && !line.is_question()
            && !prefilled
    };
    open.iter()
        .filter(|line| puzzle != Some(line.field.node) && !line.is_puzzle())
        .filter(may)
        .map(|line| (line.code(), *line))
        .filter(|(score, line)| {
            *score >= 2.2
                || (*score > 0.7 && alone_in_code_air(form, open, line))
                || nameless_after_password(form, open, passwords, line)
        })
        .max_by(|a, b| a.0.total_cmp(&b.0))
}

/// A code that says so and has six characters or more: the codes of cards have three or four.
fn longer_than_a_cards(line: &DescribedField<'_>) -> bool {
    let keeps_six = line.field.max_length.is_some_and(|most| (6..=10).contains(&most));
    line.says(Concept::Code) && (keeps_six || line.says(Concept::SixDigits))
}

/// Whether the page wants an answer before it shows anything else. "What is new?" above a feed is an invitation.
fn is_asked_first(form: &DescribedForm<'_>) -> bool {
    /// So much else may be pressed or followed: to cancel, to ask for help.
    const BESIDE: usize = 7;
    let buttons = form.frame.buttons.iter().map(|one| (one.form, one.dialog, one.region));
    let links = form.frame.links.iter().map(|one| (one.form, one.dialog, one.region));
    let beside = buttons.chain(links).filter(|(index, dialog, region)| {
        (index.is_none() || *index != form.index) && *dialog == form.dialog && !is_edge(*region)
    });
    beside.count() <= BESIDE
}

/// Whether a form opens an account: what it says of itself, and what only a newcomer is asked for, outweighs what speaks of
/// signing in.
fn opens_an_account(form: &DescribedForm<'_>, passwords: &[&DescribedField<'_>]) -> bool {
    let around = &form.around;
    let one = |said: bool, weight: f32| if said { weight } else { 0.0 };
    let current = passwords.iter().any(|line| line.token == AutoToken::CurrentPassword || line.says(Concept::Old));
    let new = passwords.iter().any(|line| line.token == AutoToken::NewPassword);
    let person = form.lines.iter().chain(&form.boxes).filter(|line| line.said.has(Concept::Person)).count();
    let person = person + form.lines.iter().filter(|line| line.token == AutoToken::Other).count();
    let named = form.lines.iter().any(|line| !line.is_password() && line.username() >= 1.5);
    let sure = around.own_weight(Concept::SignUp) + one(around.page.has(Concept::SignUp), 0.4);
    let newcomer = one(new && !current && named, 0.8) + one(person > 0, 0.8) + one(person > 1, 0.4);
    let against = around.loud_weight(Concept::SignIn)
        + one(around.attributes.has(Concept::SignIn), 0.7)
        + one(around.page.has(Concept::SignIn), 0.4)
        + one(around.title.any(&[Concept::Password]) && around.title.has(Concept::Change), 1.5)
        + around.helps_who_forgot() * 0.8
        + one(current, 1.2);
    let newcomer = if sure > 0.0 || person > 1 { newcomer } else { 0.0 };
    sure + newcomer > against + 0.4 && sure + newcomer >= 1.1
}

/// The line for the name in a form that changes the password: to be filled when it is empty, as the name is known.
fn name_to_confirm(form: &DescribedForm<'_>, kind: FormKind) -> Option<u32> {
    if kind != FormKind::Change {
        return None;
    }
    let empty = |line: &&DescribedField<'_>| !line.is_password() && !line.field.filled;
    let mut names = form.lines.iter().filter(empty).filter(|line| {
        (line.token == AutoToken::Username || line.says(Concept::Username) || line.names.has(Concept::Username))
            && !line.says_code()
            && !line.says(Concept::New)
            && !line.is_question()
            && !line.foreign
    });
    let name = names.next()?;
    names.next().is_none().then_some(name.field.node)
}

const fn takes_name(kind: FormKind) -> bool {
    matches!(kind, FormKind::SignIn | FormKind::Reauthenticate)
}

/// Sign-in, re-authentication, change, or one of the forms that only ask for the password to do something else.
fn with_passwords(
    form: &DescribedForm<'_>,
    reading: &passwords::PasswordReading,
    named: bool,
    has_code: bool,
    changing: f32,
    place: FormContext,
) -> (FormKind, f32, f32) {
    let air = |concept| form.around.weight(concept);
    let new = reading.roles.contains(&FieldRole::NewPassword);
    let elsewhere = air(Concept::Delete).max(form.around.own_weight(Concept::SignUp));
    let mail = form.lines.iter().any(|line| line.says(Concept::Email) && line.says(Concept::New));
    if new {
        let both = if reading.roles.len() > 1 { 0.8 } else { 0.0 };
        let mut score = 1.2 + changing + both + reading.score * 0.15 - elsewhere;
        // Names are asked for when an account is opened; when a password is changed, they are known, or only confirmed.
        let current = reading.roles.contains(&FieldRole::CurrentPassword);
        let empty = form.lines.iter().any(|line| !line.is_password() && !line.field.filled && line.username() >= 1.0);
        if named && empty && !current && !about_change(form) {
            score -= 1.5;
        }
        // What the lines say of themselves settles it.
        let declared = |token: AutoToken| form.lines.iter().any(|line| line.is_password() && line.token == token);
        if declared(AutoToken::CurrentPassword) && declared(AutoToken::NewPassword) {
            score += 0.6;
        }
        if air(Concept::Forgot) > 1.4 {
            score -= 0.5;
        }
        return (FormKind::Change, score, reading.margin);
    }
    if mail || air(Concept::Delete) > 1.0 {
        return (FormKind::Other, 0.0, 9.0);
    }
    // The first step of a change: the form shows the lines for the new password when the present one is known.
    let says_old = |line: &DescribedField<'_>| {
        line.is_password() && (line.token == AutoToken::CurrentPassword || line.says(Concept::Old))
    };
    if about_change(form) && form.lines.len() == 1 && form.lines.iter().all(says_old) {
        return (FormKind::Reauthenticate, 1.6 + form.around.weight(Concept::Change) * 0.3, reading.margin);
    }
    if named {
        // Who opens an account gives a name and an address; who signs in gives one of them.
        let names = form.lines.iter().filter(|line| !line.is_password() && line.username() >= 1.5).count();
        let changing_mail = air(Concept::Change).max(air(Concept::Save) * 0.7) - air(Concept::SignIn);
        let score = 1.8 + air(Concept::SignIn) - form.around.own_weight(Concept::SignUp) * 1.2 - changing_mail.max(0.0) * 1.2
                + if has_code { 0.3 } else { 0.0 }
                + form.around.helps_who_forgot() * 0.6
                - if names > 1 { 1.5 } else { 0.0 }
                // Somebody who is in is asked for name and password by other services' settings.
                - if place.inside && form.around.loud_weight(Concept::SignIn).max(air(Concept::Reauth)) < 0.7 { 2.0 } else { 0.0 };
        return (FormKind::SignIn, score, reading.margin);
    }
    let again = air(Concept::Reauth);
    let fixed_name = !form.fixed.is_empty();
    let sign_in = air(Concept::SignIn) + if fixed_name { 0.4 } else { 0.0 };
    let other =
        air(Concept::Change).max(air(Concept::Save)).max(form.around.own_weight(Concept::SignUp)) - again.max(sign_in);
    let alone = form.others == 0
        && (form.lines.len() == 1 || has_code && form.lines.iter().filter(|line| line.is_password()).count() == 1);
    let score = 1.1 + again.max(sign_in) - other.max(0.0)
        + if alone { 0.6 } else { 0.0 }
        + form.around.helps_who_forgot() * 0.6
        - if form.others > 0 { 0.5 } else { 0.0 };
    let kind = if again > sign_in { FormKind::Reauthenticate } else { FormKind::SignIn };
    if place.inside && !asks_again(form, again.max(sign_in)) {
        return (FormKind::Other, 0.0, 9.0);
    }
    (kind, score, reading.margin)
}

/// Whether a form that asks somebody who is in for one password has confirming as its sole topic: something says so, and no
/// other setting stands in it.
fn asks_again(form: &DescribedForm<'_>, said: f32) -> bool {
    let declared = form
        .lines
        .iter()
        .any(|line| line.token == AutoToken::CurrentPassword || line.says(Concept::Old) || line.says(Concept::Reauth));
    let digits = digit_boxes(form);
    let open = form.lines.iter().filter(|line| !line.is_password() && !digits.contains(&line.field.node)).count();
    let few = open <= 2 && form.boxes.len() <= 1;
    (said > 0.0 || declared) && form.others == 0 && few
}

/// Whether its headings say that the password is to be changed.
fn about_change(form: &DescribedForm<'_>) -> bool {
    let title = form.around.title;
    title.has(Concept::Password) && title.any(&[Concept::Change, Concept::New])
}

/// Whether it shows what is known of an account, to be edited, and asks for nothing but a password: an empty one there is the
/// new one.
fn is_record(form: &DescribedForm<'_>, passwords: &[&DescribedField<'_>]) -> bool {
    let around = &form.around;
    let saves = around.button.any(&[Concept::Save, Concept::Change]) && !around.button.has(Concept::SignIn);
    let known = form.lines.iter().filter(|line| !line.is_password());
    let (filled, empty): (Vec<_>, Vec<_>) = known.partition(|line| line.field.filled && !line.field.secret);
    let asks_now = |line: &&DescribedField<'_>| line.token == AutoToken::CurrentPassword || line.says(Concept::Old);
    let confirms = around.weight(Concept::Reauth) > 0.0 || passwords.len() == 1 && passwords.iter().any(asks_now);
    saves && !filled.is_empty() && empty.len() <= filled.len() && (1..=3).contains(&passwords.len()) && !confirms
}

/// How much around a form speaks of setting a new password; negative when it speaks of signing in or of confirming.
fn changing(form: &DescribedForm<'_>) -> f32 {
    let air = |concept| form.around.weight(concept);
    let title = form.around.title;
    let about = if title.has(Concept::Password) && title.any(&[Concept::Change, Concept::New]) { 1.0 } else { 0.0 };
    let new = form.around.loud_weight(Concept::New);
    let change = (air(Concept::Change).max(new) + air(Concept::Save) * 0.5).min(2.5);
    let against = air(Concept::SignIn).max(air(Concept::Reauth)).max(air(Concept::Delete)).min(3.0);
    (change + about) * 0.6 - against * 0.8
}

/// What speaks for a form that asks for a name alone being the first step of signing in. Newsletters ask for no more.
fn name_alone(form: &DescribedForm<'_>, name: u32, puzzle: Option<u32>) -> f32 {
    let one = |said: bool, weight: f32| if said { weight } else { 0.0 };
    let around = &form.around;
    let line = form.lines.iter().find(|line| line.field.node == name);
    let others = form.lines.iter().filter(|line| line.field.node != name && Some(line.field.node) != puzzle).count();
    let edge = line.is_some_and(|line| {
        matches!(line.field.region, Region::Footer | Region::Aside | Region::Header | Region::Search)
    });
    let social = form.buttons.iter().filter(|button| meaning(&button.name).leads_elsewhere()).count();
    around.weight(Concept::SignIn)
        + one(form.hidden.iter().any(|field| field.kind == FieldKind::Password), 1.0)
        + one(line.is_some_and(|line| line.token == AutoToken::Username), 1.0)
        + one(line.is_some_and(|line| line.says(Concept::Username)), 0.4)
        + around.helps_who_forgot()
        + one(social > 0, 0.6)
        - one(others > 0, 1.5)
        - one(edge, 1.0)
}

/// Whether it offers to keep somebody signed in.
fn remembers(form: &DescribedForm<'_>) -> bool {
    form.boxes.iter().any(|one| one.said.has(Concept::Remember) || one.near.has(Concept::Remember))
}

/// What tells a form to sign in whatever its words are: a name stands before the one password, and who forgot it is helped.
fn signing_in(form: &DescribedForm<'_>, named: bool, has_code: bool, outside: bool) -> f32 {
    let around = &form.around;
    let named = if named && around.loud_weight(Concept::SignUp) < 1.0 { 1.6 } else { 0.0 };
    let outside = if outside { 0.8 } else { 0.0 };
    // The name of the step before, shown again.
    let fixed = if named == 0.0 && !form.fixed.is_empty() { 0.6 } else { 0.0 };
    let code = if has_code { 0.8 } else { 0.0 } + if remembers(form) { 0.6 } else { 0.0 };
    around.helps_who_forgot() * 0.6 + named + outside + fixed + code
}
