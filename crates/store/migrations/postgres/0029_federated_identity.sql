-- Whose tokens a service account takes in place of a secret: issuer, audience, subject, and as JSON further claims that have to be equal.
create table federated_identity (
    id uuid primary key not null,
    person uuid not null references service_account (person) on delete cascade,
    issuer text not null,
    audience text not null,
    subject text not null,
    claims text not null,
    created_at bigint not null,
    created_by text not null,
    last_used_at bigint,
    mark bytea not null
);
create index federated_identity_person on federated_identity (person);

-- Such tokens that were used, by a keyed hash of issuer and id, until they end by themselves.
create table used_assertion (
    id bytea primary key not null,
    expires_at bigint not null
);
create index used_assertion_expires on used_assertion (expires_at);

-- An access token was asked for by a secret or by a federated identity, and ends with it.
alter table access_token alter column secret drop not null;
alter table access_token add column identity uuid references federated_identity (id) on delete cascade;
create index access_token_identity on access_token (identity);
