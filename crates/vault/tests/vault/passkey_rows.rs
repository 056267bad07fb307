//! Whoever can write the database, and has no vault key, gets nothing by rows of passkeys: not in, and nobody else's passkey out
//! of the way.

use countersign_model::Role;
use countersign_store::{
    both_engines,
    engine::{Database, Statement, Value},
    statements,
};
use countersign_vault::{CheckState, Error, SignInRequest, Source};

use crate::{
    fixture::{PASSWORD, TestVault, secret},
    passkeys::{ORIGIN, add, answer, at_home, sign_in, with_passkey},
    soft_authenticator::SoftAuthenticator,
};

statements! {
    PASS_ON = "update passkey set person = (select id from person where name = 'root')";
    OTHER_KEY = "update passkey set stored = (select stored from passkey where name = 'Eve') where name = 'Phone'";
    OTHER_ID = "update passkey set credential = $1 where name = 'Phone'";
    RENAME = "update passkey set name = 'Key' where name = 'Phone'";
    UNMARK = "update passkey set mark = null";
    PLANT = "insert into passkey (id, person, credential, name, stored, created_at, mark) \
             select k.person, p.id, k.credential, k.name, k.stored, k.created_at, k.mark from kept_passkey k, person p \
             where p.name = 'root'";
    KEEP = "create table kept_passkey as select * from passkey where name = 'Eve'";
    BACK = "insert into passkey select * from kept_passkey";
    COUNT_BACK = "update person set (passkeys, mark) = (select k.passkeys, k.mark from kept_person k where k.id = person.id)";
    KEEP_PEOPLE = "create table kept_person as select * from person";
    TAKE_AWAY = "delete from passkey";
    NONE_COUNTED = "update person set passkeys = 0 where name = 'bob'";
    PROLONG = "update passkey_challenge set expires_at = expires_at + 1000000000";
    FORGET_PASSKEYS = "drop table kept_passkey";
    FORGET_PEOPLE = "drop table kept_person";
    OTHER_CHALLENGE = "update passkey_challenge set state = '{}'";
}

async fn run(database: &Database, statement: &Statement, values: Vec<Value>) {
    let mut tx = database.write().await.unwrap();
    tx.execute(statement, values).await.unwrap();
    tx.commit().await.unwrap();
}

fn is_tampered<T>(outcome: &Result<T, Error>) -> bool {
    matches!(outcome, Err(error @ Error::Database(_)) if error.to_string().contains("changed in the database by something else"))
}

async fn by_password(fixture: &TestVault, name: &str) -> Result<countersign_vault::SignedIn, Error> {
    let source = Source::agent("test");
    fixture.vault.sign_in(SignInRequest { name, password: secret(PASSWORD), token: None, source }).await
}

both_engines! {
    async fn a_passkey_changed_by_sql_is_refused(database: &TestDatabase) {
        let mut of_eve = SoftAuthenticator::at(ORIGIN);
        let changes: [(&Statement, Vec<Value>); 5] = [
            (&PASS_ON, vec![]),
            (&OTHER_KEY, vec![]),
            (&OTHER_ID, vec![of_eve.credential.clone().into()]),
            (&RENAME, vec![]),
            (&UNMARK, vec![]),
        ];
        let fixture = at_home(database).await;
        for (number, (change, values)) in changes.into_iter().enumerate() {
            let (name, other) = (format!("bob {number}"), format!("eve {number}"));
            fixture.person(&name, Role::Member).await;
            let (bob, mut soft) = with_passkey(&fixture, &name).await;
            let eve = fixture.person(&other, Role::Member).await;
            let mut theirs = SoftAuthenticator::at(ORIGIN);
            add(&fixture, &eve, &mut theirs, "Eve").await.unwrap();
            run(database, change, values).await;
            // With the passkey's own key, and with the one that was put in its place.
            of_eve.handle = soft.handle.clone();
            let tries = [sign_in(&fixture, &mut soft).await, sign_in(&fixture, &mut of_eve).await];
            assert!(tries.iter().all(Result::is_err) && tries.iter().any(is_tampered), "{}", change.name());
            if !change.name().ends_with("PASS_ON") {
                assert!(is_tampered(&fixture.vault.passkeys(&bob).await), "{}", change.name());
            }
            let checks = fixture.vault.checks().await;
            let rows = checks.iter().find(|check| check.name == "rows of authority").unwrap();
            assert!(rows.state == CheckState::Failed && rows.detail.contains("passkey"), "{}", rows.detail);
            run(database, &TAKE_AWAY, vec![]).await;
        }
    }

    async fn a_passkey_planted_by_sql_lets_nobody_in(database: &TestDatabase) {
        let fixture = at_home(database).await;
        let eve = fixture.person("eve", Role::Member).await;
        let mut soft = SoftAuthenticator::at(ORIGIN);
        add(&fixture, &eve, &mut soft, "Eve").await.unwrap();
        run(database, &KEEP, vec![]).await;
        run(database, &TAKE_AWAY, vec![]).await;
        run(database, &PLANT, vec![]).await;
        soft.handle = Some(fixture.admin.user.uuid().as_bytes().to_vec());
        assert!(is_tampered(&sign_in(&fixture, &mut soft).await));
    }

    /// A passkey that is gone makes the password no more than it was, however it has gone.
    async fn a_passkey_removed_by_sql_does_not_make_the_password_enough(database: &TestDatabase) {
        let fixture = at_home(database).await;
        fixture.person("bob", Role::Member).await;
        let (_, mut soft) = with_passkey(&fixture, "bob").await;
        run(database, &TAKE_AWAY, vec![]).await;
        assert!(matches!(sign_in(&fixture, &mut soft).await, Err(Error::PasskeyRefused(_))));
        assert!(matches!(by_password(&fixture, "bob").await, Err(Error::SignInFailed)));
        run(database, &NONE_COUNTED, vec![]).await;
        assert!(is_tampered(&by_password(&fixture, "bob").await));
    }

    async fn a_removed_passkey_that_is_put_back_is_refused(database: &TestDatabase) {
        let fixture = at_home(database).await;
        let eve = fixture.person("eve", Role::Member).await;
        let mut soft = SoftAuthenticator::at(ORIGIN);
        let own = add(&fixture, &eve, &mut soft, "Eve").await.unwrap().passkey.id;
        for reset in [false, true] {
            run(database, &KEEP, vec![]).await;
            run(database, &KEEP_PEOPLE, vec![]).await;
            if reset {
                fixture.vault.reset_second_factor("eve").await.unwrap();
            } else {
                fixture.vault.remove_passkey(&eve, own).await.unwrap();
            }
            run(database, &BACK, vec![]).await;
            run(database, &COUNT_BACK, vec![]).await;
            let refused = sign_in(&fixture, &mut soft).await;
            let told = refused.as_ref().err().map(ToString::to_string).unwrap_or_default();
            assert!(is_tampered(&refused) && told.contains("removed before"), "{told}");
            // The next round begins with one that is there.
            run(database, &TAKE_AWAY, vec![]).await;
            for statement in [&FORGET_PASSKEYS, &FORGET_PEOPLE] {
                run(database, statement, vec![]).await;
            }
            if !reset {
                fixture.vault.reset_second_factor("eve").await.unwrap();
                let eve = fixture.signed_in("eve").await;
                soft = SoftAuthenticator::at(ORIGIN);
                add(&fixture, &eve, &mut soft, "Eve").await.unwrap();
            }
        }
    }

    async fn a_question_changed_by_sql_is_refused(database: &TestDatabase) {
        let fixture = at_home(database).await;
        let (_, mut soft) = with_passkey(&fixture, "root").await;
        let (options, challenge) = fixture.vault.begin_passkey_sign_in(None).await.unwrap();
        fixture.advance(301);
        run(database, &PROLONG, vec![]).await;
        assert!(is_tampered(&answer(&fixture, Some(&challenge), soft.show(&options)).await));
        let (options, challenge) = fixture.vault.begin_passkey_sign_in(None).await.unwrap();
        run(database, &OTHER_CHALLENGE, vec![]).await;
        assert!(is_tampered(&answer(&fixture, Some(&challenge), soft.show(&options)).await));
    }
}
