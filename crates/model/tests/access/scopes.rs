//! What a token was narrowed to takes away and gives nothing.

use countersign_model::{AccessScope, Action, GrantPermissions, Level, Role, ScopePermission, Tag, Unmet, decide};
use proptest::prelude::*;

use crate::world::{CREDENTIALS, PEOPLE, any_asked, any_grant, any_world, credential, user};

fn any_scope() -> impl Strategy<Value = AccessScope> {
    let permissions = prop::collection::btree_set(prop::sample::select(&ScopePermission::ALL[..]), 0..=8);
    let limits = prop::option::of((0..CREDENTIALS, any::<bool>()));
    (permissions, limits).prop_map(|(permissions, limits)| {
        let mut scope = AccessScope::of(permissions);
        if let Some((number, with_tag)) = limits {
            scope.add_credential(credential(number));
            if with_tag {
                scope.add_tag(Tag::parse("social").unwrap());
            }
        }
        scope
    })
}

/// The word of an act that can be granted.
const fn word(act: Action) -> Option<ScopePermission> {
    Some(match act {
        Action::TakeToken => ScopePermission::Token,
        Action::Reveal => ScopePermission::Reveal,
        Action::StartSession | Action::WatchSession => ScopePermission::Session,
        Action::ChangePassword => ScopePermission::Change,
        Action::EditCredential => ScopePermission::Edit,
        Action::GrantCredential => ScopePermission::Share,
        Action::ReadRecords => ScopePermission::Audit,
        _ => return None,
    })
}

#[test]
fn each_word_allows_its_acts_and_to_see() {
    for permission in ScopePermission::ALL {
        let allowed = GrantPermissions::of_scope(&AccessScope::of([permission]));
        for act in Action::ALL {
            let by_word = act == Action::SeeCredential || word(act) == Some(permission);
            assert_eq!(allowed.allow(act), by_word, "{permission:?} {act:?}");
        }
    }
    let all = GrantPermissions::of_scope(&AccessScope::of(ScopePermission::ALL));
    // No word transfers a setup key: no program does that.
    let nearly = GrantPermissions { transfer: false, ..GrantPermissions::ALL };
    assert_eq!((all, all.session), (nearly, Some(Level::Control)));
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2_000, ..ProptestConfig::default() })]

    #[test]
    fn a_scope_gives_nothing(
        world in any_world(), scope in any_scope(), act in prop::sample::select(&Action::ALL[..]), who in 0..PEOPLE,
        on in 0..CREDENTIALS, other in any_grant(), asked in any_asked(),
    ) {
        let grants = world.grants_of(user(who), usize::try_from(on).unwrap());
        let (plain, narrowed) = (asked.context(), asked.context().narrowed_to(Some(&scope)));
        let (before, after) = (decide(Role::Member, act, &grants, &plain), decide(Role::Member, act, &grants, &narrowed));
        prop_assert!(after.is_err() || after == before);
        // What it names stays as it is, on what it is not narrowed past.
        let named = !scope.is_empty() && GrantPermissions::of_scope(&scope).allow(act) && !scope.is_limited();
        prop_assert!(!named || after == before);
        let told = matches!(&after, Err(denied) if denied.unmet == [Unmet::Scope]);
        prop_assert!(!told || grants.iter().any(|grant| grant.permissions.allow(act)));
        prop_assert!(grants.session_level(&narrowed) <= grants.session_level(&plain));
        prop_assert!(grants.session_extras(&narrowed).is_within(grants.session_extras(&plain)));
        prop_assert!(!grants.may_share(&other, &narrowed) || grants.may_share(&other, &plain));
        let asked_for = GrantPermissions { token: true, ..GrantPermissions::SEE };
        prop_assert!(grants.to_request(asked_for, &narrowed).len() <= grants.to_request(asked_for, &plain).len());
    }
}
