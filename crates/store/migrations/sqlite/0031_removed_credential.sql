-- Credentials that were removed and can be restored until deleted_at (docs/decisions/0060-a-bin-of-thirty-days.md). They are
-- moved here with what is sealed of them, so that nothing which reads credentials, secrets or grants can find them. The
-- setup key and the site's settings are one each, so they are columns; the mark covers what decides where a secret would go.
create table removed_credential (
    id blob primary key not null,
    name text not null,
    username text not null,
    site text,
    notes text not null,
    status text not null,
    revision integer not null,
    has_password boolean not null,
    kind text,
    algorithm text,
    digits integer,
    period integer,
    created_at integer not null,
    updated_at integer not null,
    password_changed_at integer,
    tags text not null,
    seed_version blob,
    seed blob,
    seed_print blob,
    counter integer,
    settings text,
    redirected_at integer,
    next_change_at integer,
    next_change_because text,
    removed_at integer not null,
    removed_by text not null,
    deleted_at integer not null,
    mark blob
);
create index removed_credential_at on removed_credential (removed_at, id);
create index removed_credential_deleted on removed_credential (deleted_at);

create table removed_password (
    id blob primary key not null,
    credential blob not null references removed_credential (id) on delete cascade,
    number integer not null,
    state text not null,
    sealed blob not null,
    created_at integer not null,
    created_by text not null,
    print blob,
    proven_at integer,
    confirmed_at integer,
    confirmed_by text
);
create index removed_password_credential on removed_password (credential);

-- Which steps were used, so that a restored credential gives no code to a second machine.
create table removed_step (
    credential blob not null references removed_credential (id) on delete cascade,
    step integer not null,
    person blob not null,
    name text not null,
    machine boolean not null,
    claimed boolean not null,
    at integer not null,
    primary key (credential, step, person, claimed)
);

-- Who was granted something on one alone. A person or a group that goes takes theirs along.
create table removed_grant (
    id blob primary key not null,
    person blob references person (id) on delete cascade,
    grp blob references person_group (id) on delete cascade,
    credential blob not null references removed_credential (id) on delete cascade,
    token boolean not null,
    reveal boolean not null,
    session text,
    extras text,
    change boolean not null,
    edit boolean not null,
    share boolean not null,
    audit boolean not null,
    conditions text not null,
    starts_at integer,
    ends_at integer,
    created_at integer,
    created_by text,
    mark blob
);
create index removed_grant_credential on removed_grant (credential);
create index removed_grant_person on removed_grant (person);
create index removed_grant_grp on removed_grant (grp);
