//! What holds of the rule in every world.

use countersign_model::{AccessContext, Action, Grant, GrantTarget, Principal, Role, decide, decide_by_role};
use proptest::prelude::*;

use crate::world::{
    Account, CREDENTIALS, PEOPLE, World, and, any_asked, any_conditions, any_grant, any_permissions, any_world,
    credential, user,
};

fn any_act() -> impl Strategy<Value = Action> {
    prop::sample::select(&Action::ALL[..])
}

fn any_role() -> impl Strategy<Value = Role> {
    prop::sample::select(&Role::ALL[..])
}

fn any_account() -> impl Strategy<Value = usize> {
    (0..CREDENTIALS).prop_map(|number| usize::try_from(number).unwrap())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2_000, ..ProptestConfig::default() })]

    #[test]
    fn another_grant_never_takes_anything_away(
        world in any_world(), more in any_grant(), role in any_role(), act in any_act(), who in 0..PEOPLE, on in any_account(),
        asked in any_asked(),
    ) {
        let before = decide(role, act, &world.grants_of(user(who), on), &asked.context());
        let mut wider = world;
        wider.grants.push(more);
        let grants = wider.grants_of(user(who), on);
        let after = decide(role, act, &grants, &asked.context());
        prop_assert!(before.is_err() || after.is_ok());
        let session = |world: &World| {
            let grants = world.grants_of(user(who), on);
            (grants.session_level(&asked.context()), grants.session_extras(&asked.context()))
        };
        let with = session(&wider);
        wider.grants.pop();
        let without = session(&wider);
        prop_assert!(without.0 <= with.0 && without.1.is_within(with.1));
    }

    #[test]
    fn another_condition_never_gives_anything(
        world in any_world(), more in any_conditions(), at in any::<prop::sample::Index>(), role in any_role(), act in any_act(),
        who in 0..PEOPLE, on in any_account(), asked in any_asked(),
    ) {
        prop_assume!(!world.grants.is_empty());
        let mut narrower = world.clone();
        let grant = at.get(&world.grants);
        let place = world.grants.iter().position(|one| one == grant).unwrap();
        narrower.grants[place].conditions = and(grant.conditions.clone(), more);
        let before = decide(role, act, &world.grants_of(user(who), on), &asked.context());
        let after = decide(role, act, &narrower.grants_of(user(who), on), &asked.context());
        prop_assert!(after.is_err() || before.is_ok());
    }

    #[test]
    fn what_nothing_allows_is_denied(
        world in any_world(), role in any_role(), act in any_act(), who in 0..PEOPLE, on in any_account(), asked in any_asked(),
    ) {
        let mut world = world;
        world.grants.retain(|grant| !grant.permissions.allow(act));
        let answer = decide(role, act, &world.grants_of(user(who), on), &asked.context());
        prop_assert_eq!(answer, decide_by_role(role, act));
    }

    #[test]
    fn a_role_passes_whatever_was_granted_and_an_auditor_has_nothing_by_grants(
        world in any_world(), role in any_role(), act in any_act(), who in 0..PEOPLE, on in any_account(), asked in any_asked(),
    ) {
        let by_role = decide_by_role(role, act);
        let answer = decide(role, act, &world.grants_of(user(who), on), &asked.context());
        if by_role.is_ok() || role == Role::Auditor {
            prop_assert_eq!(answer, by_role);
        }
    }

    #[test]
    fn nothing_but_its_own_permission_transfers_a_setup_key(
        world in any_world(), role in any_role(), who in 0..PEOPLE, on in any_account(), asked in any_asked(),
    ) {
        let may = |world: &World| {
            decide(role, Action::TransferSeed, &world.grants_of(user(who), on), &asked.context()).ok().and_then(|by| by.grant())
        };
        if let Some(grant) = may(&world) {
            let by = world.grants.iter().find(|one| one.id == grant);
            prop_assert!(role != Role::Auditor && by.is_some_and(|one| one.permissions.transfer));
        }
        let mut without = world;
        without.grants.iter_mut().for_each(|grant| grant.permissions.transfer = false);
        let answer = decide(role, Action::TransferSeed, &without.grants_of(user(who), on), &AccessContext::in_principle(asked.now));
        prop_assert!(answer.is_err());
    }

    #[test]
    fn the_order_of_grants_says_nothing(
        world in any_world(), act in any_act(), who in 0..PEOPLE, on in any_account(), asked in any_asked(),
    ) {
        let answer = |world: &World| {
            let found = decide(Role::Member, act, &world.grants_of(user(who), on), &asked.context());
            found.map(drop).map_err(|denied| denied.unmet.len())
        };
        let mut turned = world.clone();
        turned.grants.reverse();
        prop_assert_eq!(answer(&world).is_ok(), answer(&turned).is_ok());
    }

    #[test]
    fn who_is_denied_is_told_all_that_is_missing(
        world in any_world(), act in any_act(), who in 0..PEOPLE, on in any_account(), asked in any_asked(),
    ) {
        let grants = world.grants_of(user(who), on);
        let given = grants.iter().filter(|grant| grant.permissions.allow(act)).count();
        if let Err(denied) = decide(Role::Member, act, &grants, &asked.context()) {
            prop_assert_eq!(denied.unmet.is_empty(), given == 0);
        }
    }

    #[test]
    fn what_is_under_way_or_in_principle_is_never_narrower(
        world in any_world(), act in any_act(), who in 0..PEOPLE, on in any_account(), asked in any_asked(),
    ) {
        let grants = world.grants_of(user(who), on);
        let may = |context: &AccessContext<'_>| decide(Role::Member, act, &grants, context).is_ok();
        prop_assert!(!may(&asked.context()) || may(&asked.context().under_way()));
        prop_assert!(!may(&asked.context().under_way()) || may(&AccessContext::elsewhere(asked.now)));
        prop_assert!(!may(&AccessContext::elsewhere(asked.now)) || may(&AccessContext::in_principle(asked.now)));
    }

    #[test]
    fn another_approval_never_takes_anything_away_and_gives_nothing_that_was_not_granted(
        world in any_world(), at in any::<prop::sample::Index>(), act in any_act(), who in 0..PEOPLE, on in any_account(),
        asked in any_asked(),
    ) {
        prop_assume!(!world.approved.is_empty());
        let mut fewer = world.clone();
        fewer.approved.remove(at.index(world.approved.len()));
        let may = |world: &World| decide(Role::Member, act, &world.grants_of(user(who), on), &asked.context());
        prop_assert!(may(&fewer).is_err() || may(&world).is_ok());
        if let Ok(by) = may(&world) {
            let grant = world.grants.iter().find(|grant| Some(grant.id) == by.grant()).unwrap();
            prop_assert!(grant.permissions.allow(act));
            // By a request it is just where the grant asks for an approval, of what is more than to see.
            let needed = grant.conditions.approval.is_some() && act != Action::SeeCredential;
            prop_assert!(by.request().is_some() || !needed);
            let given = world.approved.iter().find(|(_, one)| Some(one.request) == by.request());
            if let Some((to, one)) = given {
                prop_assert!(*to == user(who) && one.permissions.allow(act) && one.from <= asked.now && asked.now < one.until);
            }
        }
    }

    #[test]
    fn conditions_within_others_hold_only_where_those_do(
        one in any_conditions(), other in any_conditions(), asked in any_asked(),
    ) {
        prop_assert!(one.is_within(&one));
        let both = and(one.clone(), other.clone());
        prop_assert!(both.is_within(&one));
        if one.is_within(&other) && one.unmet(&asked.context()).is_empty() {
            prop_assert!(other.unmet(&asked.context()).is_empty());
        }
    }

    #[test]
    fn nobody_shares_what_they_have_not(
        own in any_grant(), shared in any_permissions(), conditions in any_conditions(), same in any::<bool>(),
        act in any_act(), sharing in any_asked(), asked in any_asked(),
    ) {
        let target = GrantTarget::Credential(credential(0));
        let own = Grant { holder: Principal::User(user(0)), target: target.clone(), ..own };
        let conditions = if same { and(own.conditions.clone(), conditions) } else { conditions };
        let new = Grant {
            holder: Principal::User(user(1)), target, permissions: shared, conditions, ..own.clone()
        };
        let world = World {
            edges: Vec::new(),
            accounts: vec![Account { id: credential(0), tags: Vec::new(), site: None }],
            grants: vec![own, new.clone()],
            approved: Vec::new(),
            held: None,
        };
        let sharers = world.grants_of(user(0), 0);
        if sharers.may_share(&new, &sharing.context()) {
            prop_assert!(decide(Role::Member, Action::GrantCredential, &sharers, &sharing.context()).is_ok());
            let theirs = decide(Role::Member, act, &world.grants_of(user(1), 0), &asked.context());
            let own = decide(Role::Member, act, &sharers, &asked.context());
            prop_assert!(theirs.is_err() || own.is_ok());
        }
    }
}
