-- One row: the vault itself. `revision` moves whenever what anybody may do could have changed, so that every cache can
-- tell that it is out of date; audit_size and audit_root say how the log stands.
create table vault (
    one bigint primary key check (one = 1),
    id uuid not null,
    created_at bigint not null,
    revision bigint not null,
    audit_size bigint not null,
    audit_indexed bigint not null,
    audit_root bytea not null,
    second_factor_required boolean not null,
    setup_link bytea
);

create table key_slot (
    kind text primary key,
    parameters bytea not null,
    wrapped bytea not null
);

create table person (
    id uuid primary key,
    name text not null,
    name_key text not null,
    role text not null,
    password bytea not null,
    seed_version uuid,
    seed bytea,
    next_seed_version uuid,
    next_seed bytea,
    last_step bigint,
    disabled boolean not null,
    created_at bigint not null,
    last_sign_in_at bigint,
    failures bigint not null,
    locked_until bigint
);
create unique index person_name on person (name_key);

create table web_session (
    id uuid primary key,
    token bytea not null,
    person uuid not null references person (id) on delete cascade,
    created_at bigint not null,
    last_used_at bigint not null,
    expires_at bigint not null,
    agent text not null
);
create unique index web_session_token on web_session (token);
create index web_session_person on web_session (person);

create table api_token (
    id uuid primary key,
    token bytea not null,
    person uuid not null references person (id) on delete cascade,
    name text not null,
    role text not null,
    created_at bigint not null,
    expires_at bigint,
    last_used_at bigint
);
create unique index api_token_token on api_token (token);
create index api_token_person on api_token (person);

create table credential (
    id uuid primary key,
    name text not null,
    name_key text collate "C" not null,
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
    search text not null
);
create unique index credential_name on credential (name_key);
create index credential_updated on credential (updated_at, id);
-- Searching reads this index alone: all that a filter looks at, in the order of the list.
create index credential_list on credential (name_key, id, search, status, kind);

create table credential_tag (
    credential uuid not null references credential (id) on delete cascade,
    tag text not null,
    primary key (tag, credential)
);
create index credential_tag_credential on credential_tag (credential);

create table credential_grant (
    credential uuid not null references credential (id) on delete cascade,
    person uuid not null references person (id) on delete cascade,
    token boolean not null,
    reveal boolean not null,
    primary key (person, credential)
);
create index credential_grant_credential on credential_grant (credential);

create table seed (
    credential uuid primary key references credential (id) on delete cascade,
    version uuid not null,
    sealed bytea not null,
    print bytea not null,
    counter bigint
);
create index seed_print on seed (print);

create table password_version (
    id uuid primary key,
    credential uuid not null references credential (id) on delete cascade,
    number bigint not null,
    state text not null,
    sealed bytea not null,
    created_at bigint not null,
    created_by text not null
);
create unique index password_version_number on password_version (credential, number);

-- Who took which time step. A machine that means to use one claims it, and only when nobody has taken it.
create table step_use (
    credential uuid not null references credential (id) on delete cascade,
    step bigint not null,
    person uuid not null,
    name text not null,
    machine boolean not null,
    claimed boolean not null,
    at bigint not null,
    primary key (credential, step, person, claimed)
);
create unique index step_use_claimed on step_use (credential, step) where claimed;
create index step_use_at on step_use (at);

create table audit_record (
    seq bigint primary key,
    at bigint not null,
    actor_kind text not null,
    actor uuid,
    actor_name text not null,
    act text not null,
    object_kind text,
    object uuid,
    object_name text,
    reason text,
    details text,
    hash bytea not null
);

-- Which records are about a thing or by a person, up to vault.audit_indexed. Entries come in large sorted batches some
-- time after their records: one by one they would cost each durable write a page of their own.
create table audit_about (
    thing uuid not null,
    seq bigint not null,
    primary key (thing, seq)
);

create table audit_checkpoint (
    size bigint primary key,
    root bytea not null,
    time bigint not null,
    key text not null,
    signature text not null
);
