-- Whose tokens a service account takes in place of a secret: issuer, audience, subject, and as JSON further claims that have to be equal.
create table federated_identity (
    id blob primary key not null,
    person blob not null references service_account (person) on delete cascade,
    issuer text not null,
    audience text not null,
    subject text not null,
    claims text not null,
    created_at integer not null,
    created_by text not null,
    last_used_at integer,
    mark blob not null
);
create index federated_identity_person on federated_identity (person);

-- Such tokens that were used, by a keyed hash of issuer and id, until they end by themselves.
create table used_assertion (
    id blob primary key not null,
    expires_at integer not null
);
create index used_assertion_expires on used_assertion (expires_at);

-- An access token was asked for by a secret or by a federated identity, and ends with it. SQLite lets no column become nullable.
create table access_token_29 (
    id blob primary key not null,
    token blob not null,
    person blob not null references service_account (person) on delete cascade,
    secret blob references client_secret (id) on delete cascade,
    scope text not null,
    created_at integer not null,
    expires_at integer not null,
    mark blob not null,
    identity blob references federated_identity (id) on delete cascade
);
insert into access_token_29 (id, token, person, secret, scope, created_at, expires_at, mark)
    select id, token, person, secret, scope, created_at, expires_at, mark from access_token;
drop table access_token;
alter table access_token_29 rename to access_token;
create unique index access_token_token on access_token (token);
create index access_token_person on access_token (person, created_at);
create index access_token_secret on access_token (secret);
create index access_token_expires on access_token (expires_at);
create index access_token_identity on access_token (identity);
