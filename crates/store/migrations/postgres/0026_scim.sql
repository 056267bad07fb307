-- By what an identity provider comes in, kept as keyed hashes: one, and another while it is replaced.
create table scim_token (
    id uuid primary key not null,
    token bytea not null,
    adopt boolean not null,
    created_at bigint not null,
    created_by text not null,
    expires_at bigint,
    last_used_at bigint,
    mark bytea not null
);
create unique index scim_token_token on scim_token (token);

-- Who was provisioned, with what the provider says of them. Nobody else is changed by it.
create table scim_user (
    person uuid primary key not null references person (id) on delete cascade,
    external_id text,
    attributes text not null,
    updated_at bigint not null,
    mark bytea not null
);
create index scim_user_external on scim_user (external_id);

-- The groups whose members the provider says.
create table scim_group (
    grp uuid primary key not null references person_group (id) on delete cascade,
    external_id text,
    mark bytea not null
);
create index scim_group_external on scim_group (external_id);
