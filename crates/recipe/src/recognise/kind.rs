//! What a form is for.

use countersign_picture::{FieldKind, Image, Region};

use super::{
    field::{AutoToken, Read, Role},
    form::Form,
    passwords,
};
use crate::{
    Hint,
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
    /// The password again, by somebody who is signed in.
    Reauthenticate,
    /// A new password.
    Change,
    /// None of our business.
    Other,
}

/// A form with what its parts are for.
#[derive(Debug)]
pub(crate) struct Judged<'a> {
    pub(crate) form: Form<'a>,
    pub(crate) kind: FormKind,
    /// How sure that is; below 1 it is a guess.
    pub(crate) score: f32,
    /// How far ahead of any other reading of its passwords; 9 where there is no other.
    pub(crate) margin: f32,
    /// Each field that matters with its role, in reading order. Boxes for one digit each are all tokens.
    pub(crate) roles: Vec<(u32, Role)>,
    /// It contains a puzzle that a person has to solve.
    pub(crate) puzzle: bool,
}

impl Judged<'_> {
    /// A hint says what one of the fields is for: that holds, whatever it looks like.
    pub(crate) fn take_hint(&mut self, hint: &Hint) {
        let fits = |line: &&Read<'_>| {
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
            Role::NewPassword | Role::RepeatPassword => FormKind::Change,
            Role::Token if self.kind == FormKind::Other => FormKind::Token,
            _ if self.kind == FormKind::Other => FormKind::SignIn,
            _ => self.kind,
        };
        self.score = self.score.max(3.0);
        self.margin = 9.0;
    }
}

/// `outside`: the page offers a way to sign in or up, so nobody is signed in who could change a password.
pub(crate) fn judge(form: Form<'_>, outside: bool) -> Judged<'_> {
    let air = |concept| form.around.weight(concept);
    let passwords: Vec<&Read<'_>> = form.lines.iter().filter(|line| line.is_password()).collect();
    let digits = digit_boxes(&form);
    let open: Vec<&Read<'_>> =
        form.lines.iter().filter(|line| !line.is_password() && !digits.contains(&line.field.node)).collect();

    let mut roles: Vec<(u32, Role)> = Vec::new();
    let puzzle = puzzle(&form, &open);
    let code = open
        .iter()
        .filter(|line| puzzle != Some(line.field.node))
        .map(|line| (line.code(), *line))
        .filter(|(score, line)| {
            *score >= 2.2
                || (*score > 0.7 && alone_in_code_air(&form, &open, line))
                || nameless_after_password(&form, &open, &passwords, line)
        })
        .max_by(|a, b| a.0.total_cmp(&b.0));
    let username = username(&open, passwords.first().copied(), code.map(|(_, line)| line.field.node), puzzle)
        .or_else(|| silent_name(&form, &open, &passwords));

    let has_code = code.is_some() || !digits.is_empty();
    let changing = changing(&form) - signing_in(&form, username.is_some(), has_code, outside);
    let reading = passwords::read(&passwords, changing);
    let sent = sent(&form, code.map(|(_, line)| line));
    let code_role = if sent { Role::SentCode } else { Role::Token };

    let recovery = air(Concept::Recovery) > 1.4 || code.is_some_and(|(_, line)| line.weight(Concept::Recovery) >= 1.8);
    let beside = air(Concept::Newsletter).max(air(Concept::Search)).max(if form.others > 0 { 0.6 } else { 0.0 });

    let (kind, score, margin) = if passwords.len() > 3 {
        (FormKind::Other, 0.0, 9.0)
    } else if let Some(reading) = &reading {
        with_passwords(&form, reading, username.is_some(), has_code, changing)
    } else if has_code && !recovery && form.around.own_weight(Concept::SignUp) < 1.5 {
        let kind = if sent { FormKind::SentCode } else { FormKind::Token };
        let score =
            1.0 + air(Concept::Code).max(air(Concept::Authenticator)) * 0.5 + if digits.is_empty() { 0.0 } else { 1.0 };
        // A line that says itself what it is needs no heading that says so, too.
        let clear = if code.is_some_and(|(own, _)| own >= 3.0) { 0.6 } else { 0.0 };
        (kind, score + clear - beside, 9.0)
    } else if puzzle.is_some() && username.is_none() {
        (FormKind::Puzzle, 1.0 + air(Concept::Human), 9.0)
    } else if let Some((node, weight)) = username {
        let evidence = name_alone(&form, node, puzzle);
        let mut score = if evidence > 0.6 { evidence + weight * 0.4 } else { 0.0 };
        score -= form.around.own_weight(Concept::SignUp)
            + beside * 1.5
            + air(Concept::Forgot) * 0.8
            + air(Concept::Delete)
            + air(Concept::Change);
        (FormKind::SignIn, score, 9.0)
    } else {
        (FormKind::Other, 0.0, 9.0)
    };
    // Without a name that is ours to give, or with too little that speaks for it, it is somebody else's form.
    let kind = if score <= 0.3 { FormKind::Other } else { kind };

    if kind != FormKind::Other {
        if let Some(reading) = &reading {
            roles.extend(passwords.iter().zip(&reading.roles).map(|(line, role)| (line.field.node, *role)));
        }
        roles.extend(username.map(|(node, _)| (node, Role::Username)).filter(|_| takes_name(kind)));
        roles.extend(digits.iter().map(|node| (*node, code_role)));
        roles.extend(code.filter(|_| digits.is_empty()).map(|(_, line)| (line.field.node, code_role)));
        roles.extend(puzzle.map(|node| (node, Role::Puzzle)));
        roles.extend(trust_box(&form).map(|node| (node, Role::TrustBox)));
        let order = |node: u32| form.frame.field(node).map_or(0, |field| field.order);
        roles.sort_by_key(|(node, _)| order(*node));
    }
    Judged { form, kind, score, margin, roles, puzzle: puzzle.is_some() }
}

const fn takes_name(kind: FormKind) -> bool {
    matches!(kind, FormKind::SignIn | FormKind::Reauthenticate)
}

/// Sign-in, re-authentication, change, or one of the forms that only ask for the password to do something else.
fn with_passwords(
    form: &Form<'_>,
    reading: &passwords::Reading,
    named: bool,
    has_code: bool,
    changing: f32,
) -> (FormKind, f32, f32) {
    let air = |concept| form.around.weight(concept);
    let new = reading.roles.contains(&Role::NewPassword);
    let elsewhere = air(Concept::Delete).max(form.around.own_weight(Concept::SignUp));
    let mail = form.lines.iter().any(|line| line.says(Concept::Email) && line.says(Concept::New));
    if new {
        let both = if reading.roles.len() > 1 { 0.8 } else { 0.0 };
        let mut score = 1.2 + changing + both + reading.score * 0.15 - elsewhere;
        // Names are asked for when an account is opened, not when a password is changed.
        if named {
            score -= 1.5;
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
    let title = form.around.title;
    let about_change = title.has(Concept::Password) && title.any(&[Concept::Change, Concept::New]);
    let says_old =
        |line: &Read<'_>| line.is_password() && (line.token == AutoToken::CurrentPassword || line.says(Concept::Old));
    if about_change && form.lines.len() == 1 && form.lines.iter().all(says_old) {
        return (FormKind::Reauthenticate, 1.6 + form.around.weight(Concept::Change) * 0.3, reading.margin);
    }
    if named {
        // Who opens an account gives a name and an address; who signs in gives one of them.
        let names = form.lines.iter().filter(|line| !line.is_password() && line.username() >= 1.5).count();
        let changing_mail = air(Concept::Change).max(air(Concept::Save) * 0.7) - air(Concept::SignIn);
        let score =
            1.8 + air(Concept::SignIn) - form.around.own_weight(Concept::SignUp) * 1.2 - changing_mail.max(0.0) * 1.2
                + if has_code { 0.3 } else { 0.0 }
                + form.around.helps_who_forgot() * 0.6
                - if names > 1 { 1.5 } else { 0.0 };
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
    (kind, score, reading.margin)
}

/// How much around a form speaks of setting a new password; negative when it speaks of signing in or of confirming.
fn changing(form: &Form<'_>) -> f32 {
    let air = |concept| form.around.weight(concept);
    let title = form.around.title;
    let about = if title.has(Concept::Password) && title.any(&[Concept::Change, Concept::New]) { 1.0 } else { 0.0 };
    let new = form.around.loud_weight(Concept::New);
    let change = (air(Concept::Change).max(new) + air(Concept::Save) * 0.5).min(2.5);
    let against = air(Concept::SignIn).max(air(Concept::Reauth)).max(air(Concept::Delete)).min(3.0);
    (change + about) * 0.6 - against * 0.8
}

/// What speaks for a form that asks for a name alone being the first step of signing in. Newsletters ask for no more.
fn name_alone(form: &Form<'_>, name: u32, puzzle: Option<u32>) -> f32 {
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
fn remembers(form: &Form<'_>) -> bool {
    form.boxes.iter().any(|one| one.said.has(Concept::Remember) || one.near.has(Concept::Remember))
}

/// What tells a form to sign in whatever its words are: a name stands before the one password, and who forgot it is helped.
fn signing_in(form: &Form<'_>, named: bool, has_code: bool, outside: bool) -> f32 {
    let around = &form.around;
    let named = if named && around.loud_weight(Concept::SignUp) < 1.0 { 1.6 } else { 0.0 };
    let outside = if outside { 0.8 } else { 0.0 };
    // The name of the step before, shown again.
    let fixed = if named == 0.0 && !form.fixed.is_empty() { 0.6 } else { 0.0 };
    let code = if has_code { 0.8 } else { 0.0 } + if remembers(form) { 0.6 } else { 0.0 };
    around.helps_who_forgot() * 0.6 + named + outside + fixed + code
}

/// The name: the best line that could be one, near before the first password.
fn username(
    open: &[&Read<'_>],
    password: Option<&Read<'_>>,
    code: Option<u32>,
    puzzle: Option<u32>,
) -> Option<(u32, f32)> {
    let before = password.map_or(u32::MAX, |password| password.field.order);
    let nearest = open.iter().filter(|line| line.field.order < before).map(|line| line.field.order).max();
    open.iter()
        .filter(|line| Some(line.field.node) != code && Some(line.field.node) != puzzle)
        .map(|line| {
            let near = password.is_some() && Some(line.field.order) == nearest;
            // The only line before the only password is the name, whatever its attributes say.
            let alone = near && open.len() == 1 + usize::from(code.is_some()) + usize::from(puzzle.is_some());
            let structure = if alone {
                3.2
            } else if near {
                1.5
            } else {
                0.0
            };
            (line.field.node, line.username() + structure)
        })
        .filter(|(_, score)| *score >= 1.0)
        .max_by(|a, b| a.1.total_cmp(&b.1))
}

/// The only line of a form that speaks of signing in, and says nothing of itself: icons do for words.
fn silent_name(form: &Form<'_>, open: &[&Read<'_>], passwords: &[&Read<'_>]) -> Option<(u32, f32)> {
    let around = &form.around;
    let signs_in = around.weight(Concept::SignIn) >= 1.0 || around.helps_who_forgot() >= 1.0;
    match open {
        [line]
            if passwords.is_empty() && signs_in && form.images.is_empty() && line.is_silent() && !line.is_numeric() =>
        {
            Some((line.field.node, 1.0))
        }
        _ => None,
    }
}

/// A line with little to say for itself, alone in a form that speaks of codes.
fn alone_in_code_air(form: &Form<'_>, open: &[&Read<'_>], line: &Read<'_>) -> bool {
    open.len() == 1
        && !form.lines.iter().any(Read::is_password)
        && form.around.weight(Concept::Code).max(form.around.weight(Concept::Authenticator)) >= 1.4
        && !line.says(Concept::Human)
}

/// A line that says nothing of itself and is the only one after name and password: what else than a token?
fn nameless_after_password(form: &Form<'_>, open: &[&Read<'_>], passwords: &[&Read<'_>], line: &Read<'_>) -> bool {
    let [password] = passwords else { return false };
    let after = open.iter().filter(|one| one.field.order > password.field.order).count();
    after == 1
        && line.is_silent()
        && line.field.order > password.field.order
        && form.others == 0
        && form.images.is_empty()
}

/// Boxes that take one character each: at least four of a kind in a row.
fn digit_boxes(form: &Form<'_>) -> Vec<u32> {
    let mut best: Vec<&Read<'_>> = Vec::new();
    let mut run: Vec<&Read<'_>> = Vec::new();
    for line in &form.lines {
        let same = run.last().is_none_or(|last| {
            let (a, b) = (last.field.place, line.field.place);
            a.w.abs_diff(b.w) <= 4 && a.h.abs_diff(b.h) <= 4
        });
        let one = line.field.max_length == Some(1)
            || (line.field.place.w > 0
                && line.field.place.w <= 80
                && line.field.max_length.is_none_or(|most| most <= 10));
        if !(one && same) {
            run.clear();
        }
        if one {
            run.push(line);
        }
        if run.len() > best.len() {
            best.clone_from(&run);
        }
    }
    let single = best.iter().filter(|line| line.field.max_length == Some(1)).count();
    if (4..=10).contains(&best.len()) && single + 1 >= best.len() {
        best.iter().map(|line| line.field.node).collect()
    } else {
        Vec::new()
    }
}

/// A line whose answer stands in a picture beside it.
fn puzzle(form: &Form<'_>, open: &[&Read<'_>]) -> Option<u32> {
    let pictured = form.images.iter().any(|image| is_legible(image));
    open.iter()
        .map(|line| {
            let mut score = line.weight(Concept::Human);
            let names_something = line.username() >= 2.0 || line.code() >= 2.5;
            if pictured && !names_something {
                score += 1.0 + form.around.weight(Concept::Human).min(1.5);
                score += if behind_a_picture(form, line) { 1.0 } else { 0.0 };
            }
            if line.token == AutoToken::Other || line.says(Concept::Search) {
                score -= 2.0;
            }
            (line.field.node, score)
        })
        .filter(|(_, score)| *score >= 1.8)
        .max_by(|a, b| a.1.total_cmp(&b.1))
        .map(|(node, _)| node)
}

fn is_legible(image: &Image) -> bool {
    (60..=500).contains(&image.place.w) && (20..=250).contains(&image.place.h)
}

/// Whether the picture stands between this line and those before: a logo stands above all of them.
fn behind_a_picture(form: &Form<'_>, line: &Read<'_>) -> bool {
    let before = form.lines.iter().map(|one| one.field.order).filter(|order| *order < line.field.order).max();
    let between = |image: &&&Image| image.order < line.field.order && Some(image.order) > before;
    before.is_some() && form.images.iter().filter(between).any(|image| is_legible(image))
}

/// Whether the code was sent somewhere, rather than made by an app.
fn sent(form: &Form<'_>, code: Option<&Read<'_>>) -> bool {
    let own = code.map_or(0.0, |line| {
        let mailed = line.weight(Concept::Sent).max(line.weight(Concept::Email)).max(line.weight(Concept::Phone));
        mailed - line.weight(Concept::Authenticator)
    });
    let air = |concept| form.around.weight(concept);
    let mut score = own + air(Concept::Sent) + air(Concept::NewDevice) * 0.5;
    score += air(Concept::Email).max(air(Concept::Phone)) * 0.5;
    score - air(Concept::Authenticator) * 1.2 > 0.6
}

/// The box that makes this browser a trusted one. "Remember me" is another one, and is left alone.
fn trust_box(form: &Form<'_>) -> Option<u32> {
    let boxes = form.boxes.iter().filter(|one| one.field.kind == FieldKind::Checkbox);
    let trusts = |one: &&Read<'_>| one.said.has(Concept::Trust) || (!one.named && one.near.has(Concept::Trust));
    boxes.filter(trusts).map(|one| one.field.node).next()
}
