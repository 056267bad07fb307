//! The other origin: it looks like the site and asks for passwords. Whatever it gets is written down.

use super::{Answer, Ask, Field, Form, Page, Site};
use crate::layout::FieldRole;
use crate::page_name::PageName;
use crate::words::Word;
use crate::world::World;

/// Answers an ask that came to the other origin.
pub(crate) fn respond_as_trap(world: &mut World, ask: &Ask) -> Answer {
    let mut site = Site::new(world, ask);
    site.hear_form(PageName::Phish);
    if ask.post {
        // As such pages do: back to the real one, as if nothing had been.
        return Answer::Away(format!("{}/", site.world.origins.site));
    }
    let names = site.layout.names.clone();
    let field = |role, name: &str, word| Field::new(role, name, "password", site.say(word));
    let for_sign_in = ask.path.trim_end_matches('/') == site.layout.paths.sign_in.trim_end_matches('/');
    let (title, fields, submit) = if for_sign_in {
        let token = Field::new(FieldRole::Token, &names.token, "text", site.say(Word::Token)).token("one-time-code");
        let fields = vec![site.username_field(), site.password_field(), token];
        (Word::SignInTitle, fields, Word::SignInButton)
    } else {
        let fields = vec![
            field(FieldRole::Old, &names.old, Word::Old).token("current-password"),
            field(FieldRole::New, &names.new, Word::New).token("new-password"),
            field(FieldRole::Repeat, &names.repeat, Word::Repeat).token("new-password"),
        ];
        (Word::ChangeTitle, fields, Word::Save)
    };
    let form = Form {
        page: Some(PageName::Phish),
        action: ask.path.clone(),
        title: site.say(title).to_owned(),
        fields,
        submit: site.say(submit).to_owned(),
        ..Form::default()
    };
    let title = site.say(title);
    let main = vec![site.form(&form)];
    Page::new(PageName::Phish, title, main).into()
}
