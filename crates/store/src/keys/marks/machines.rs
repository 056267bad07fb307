//! Tables of marked rows by which programs come in that are no person's.

use super::{
    covered::{
        MarkedAccessToken, MarkedFederatedIdentity, MarkedSecret, MarkedService, scim_group, scim_token, scim_user,
    },
    table::{Table, bearer_at, text_at},
};
use crate::statements;

statements! {
    SERVICES = "select person, mark, scope, networks, expires_at from service_account";
    MARK_SERVICE = "update service_account set mark = $2 where person = $1";
    REMARK_SERVICE = "update service_account set mark = $3 where person = $1 and mark = $2";
    SECRETS = "select id, mark, token, person, created_at, expires_at from client_secret";
    MARK_SECRET = "update client_secret set mark = $2, token = $3 where id = $1";
    REMARK_SECRET = "update client_secret set mark = $3 where id = $1 and mark = $2";
    FEDERATED = "select id, mark, person, issuer, audience, subject, claims, created_at from federated_identity";
    MARK_FEDERATED = "update federated_identity set mark = $2 where id = $1";
    REMARK_FEDERATED = "update federated_identity set mark = $3 where id = $1 and mark = $2";
    ACCESS_TOKENS = "select id, mark, token, person, secret, scope, created_at, expires_at, identity from access_token";
    MARK_ACCESS_TOKEN = "update access_token set mark = $2, token = $3 where id = $1";
    REMARK_ACCESS_TOKEN = "update access_token set mark = $3 where id = $1 and mark = $2";
    SCIM_TOKENS = "select id, mark, token, adopt, created_at, expires_at from scim_token";
    MARK_SCIM_TOKEN = "update scim_token set mark = $2, token = $3 where id = $1";
    REMARK_SCIM_TOKEN = "update scim_token set mark = $3 where id = $1 and mark = $2";
    SCIM_USERS = "select person, mark, external_id from scim_user";
    MARK_SCIM_USER = "update scim_user set mark = $2 where person = $1";
    REMARK_SCIM_USER = "update scim_user set mark = $3 where person = $1 and mark = $2";
    SCIM_GROUPS = "select grp, mark, external_id from scim_group";
    MARK_SCIM_GROUP = "update scim_group set mark = $2 where grp = $1";
    REMARK_SCIM_GROUP = "update scim_group set mark = $3 where grp = $1 and mark = $2";
}

pub(super) static MACHINES: &[Table] = &[
    Table {
        what: "service account",
        all: &SERVICES,
        set: &MARK_SERVICE,
        again: &REMARK_SERVICE,
        bearer: None,
        find: |_| Ok(Vec::new()),
        marked: |row, _| {
            let (scope, networks) = (text_at(row, 2)?, text_at(row, 3)?);
            let (person, expires_at) = (row.get(0)?, row.get(4)?);
            Ok(MarkedService { person, scope: &scope, networks: &networks, expires_at }.row())
        },
    },
    Table {
        what: "client secret",
        all: &SECRETS,
        set: &MARK_SECRET,
        again: &REMARK_SECRET,
        bearer: Some(2),
        find: |_| Ok(Vec::new()),
        marked: |row, token| {
            let token = bearer_at(row, 2, token)?;
            let (id, person, created_at, expires_at) = (row.get(0)?, row.get(3)?, row.get(4)?, row.get(5)?);
            Ok(MarkedSecret { id, token: &token, person, created_at, expires_at }.row())
        },
    },
    Table {
        what: "federated identity",
        all: &FEDERATED,
        set: &MARK_FEDERATED,
        again: &REMARK_FEDERATED,
        bearer: None,
        find: |_| Ok(Vec::new()),
        marked: |row, _| {
            let (issuer, audience) = (text_at(row, 3)?, text_at(row, 4)?);
            let (subject, claims) = (text_at(row, 5)?, text_at(row, 6)?);
            let (id, person, created_at) = (row.get(0)?, row.get(2)?, row.get(7)?);
            let (issuer, audience, subject, claims) = (&*issuer, &*audience, &*subject, &*claims);
            Ok(MarkedFederatedIdentity { id, person, issuer, audience, subject, claims, created_at }.row())
        },
    },
    Table {
        what: "access token",
        all: &ACCESS_TOKENS,
        set: &MARK_ACCESS_TOKEN,
        again: &REMARK_ACCESS_TOKEN,
        bearer: Some(2),
        find: |_| Ok(Vec::new()),
        marked: |row, token| {
            let (token, scope) = (bearer_at(row, 2, token)?, text_at(row, 5)?);
            let (id, person, secret, identity) = (row.get(0)?, row.get(3)?, row.get(4)?, row.get(8)?);
            let (created_at, expires_at) = (row.get(6)?, row.get(7)?);
            let (token, scope) = (&*token, &*scope);
            Ok(MarkedAccessToken { id, token, person, secret, identity, scope, created_at, expires_at }.row())
        },
    },
    Table {
        what: "provisioning token",
        all: &SCIM_TOKENS,
        set: &MARK_SCIM_TOKEN,
        again: &REMARK_SCIM_TOKEN,
        bearer: Some(2),
        find: |_| Ok(Vec::new()),
        marked: |row, token| {
            let token = bearer_at(row, 2, token)?;
            Ok(scim_token(row.get(0)?, &token, row.get(3)?, row.get(4)?, row.get(5)?))
        },
    },
    Table {
        what: "provisioned user",
        all: &SCIM_USERS,
        set: &MARK_SCIM_USER,
        again: &REMARK_SCIM_USER,
        bearer: None,
        find: |_| Ok(Vec::new()),
        marked: |row, _| Ok(scim_user(row.get(0)?, row.get::<Option<String>>(2)?.as_deref())),
    },
    Table {
        what: "provisioned group",
        all: &SCIM_GROUPS,
        set: &MARK_SCIM_GROUP,
        again: &REMARK_SCIM_GROUP,
        bearer: None,
        find: |_| Ok(Vec::new()),
        marked: |row, _| Ok(scim_group(row.get(0)?, row.get::<Option<String>>(2)?.as_deref())),
    },
];
