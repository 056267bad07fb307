-- Credentials that were removed and can be restored until deleted_at (docs/decisions/0060-a-bin-of-thirty-days.md). They are
-- moved here with what is sealed of them, so that nothing which reads credentials, secrets or grants can find them. The
-- setup key and the site's settings are one each, so they are columns; the mark covers what decides where a secret would go.
create table removed_credential (
    id uuid primary key not null,
    name text not null,
    username text not null,
    site text,
    notes text not null,
    status text not null,
    revision bigint not null,
    has_password boolean not null,
    kind text,
    algorithm text,
    digits bigint,
    period bigint,
    created_at bigint not null,
    updated_at bigint not null,
    password_changed_at bigint,
    tags text not null,
    seed_version uuid,
    seed bytea,
    seed_print bytea,
    counter bigint,
    settings text,
    redirected_at bigint,
    next_change_at bigint,
    next_change_because text,
    removed_at bigint not null,
    removed_by text not null,
    deleted_at bigint not null,
    mark bytea
);
create index removed_credential_at on removed_credential (removed_at, id);
create index removed_credential_deleted on removed_credential (deleted_at);

create table removed_password (
    id uuid primary key not null,
    credential uuid not null references removed_credential (id) on delete cascade,
    number bigint not null,
    state text not null,
    sealed bytea not null,
    created_at bigint not null,
    created_by text not null,
    print bytea,
    proven_at bigint,
    confirmed_at bigint,
    confirmed_by text
);
create index removed_password_credential on removed_password (credential);

-- Which steps were used, so that a restored credential gives no code to a second machine.
create table removed_step (
    credential uuid not null references removed_credential (id) on delete cascade,
    step bigint not null,
    person uuid not null,
    name text not null,
    machine boolean not null,
    claimed boolean not null,
    at bigint not null,
    primary key (credential, step, person, claimed)
);

-- Who was granted something on one alone. A person or a group that goes takes theirs along.
create table removed_grant (
    id uuid primary key not null,
    person uuid references person (id) on delete cascade,
    grp uuid references person_group (id) on delete cascade,
    credential uuid not null references removed_credential (id) on delete cascade,
    token boolean not null,
    reveal boolean not null,
    session text,
    extras text,
    change boolean not null,
    edit boolean not null,
    share boolean not null,
    audit boolean not null,
    conditions text not null,
    starts_at bigint,
    ends_at bigint,
    created_at bigint,
    created_by text,
    mark bytea
);
create index removed_grant_credential on removed_grant (credential);
create index removed_grant_person on removed_grant (person);
create index removed_grant_grp on removed_grant (grp);
