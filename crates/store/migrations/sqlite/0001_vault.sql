-- One row: the vault itself. `revision` moves whenever what anybody may do could have changed, so that every cache can
-- tell that it is out of date; audit_size and audit_root say how the log stands.
create table vault (
    one integer primary key check (one = 1),
    id blob not null,
    created_at integer not null,
    revision integer not null,
    audit_size integer not null,
    audit_indexed integer not null,
    audit_root blob not null,
    second_factor_required boolean not null,
    setup_link blob
);

create table key_slot (
    kind text primary key not null,
    parameters blob not null,
    wrapped blob not null
);

create table person (
    id blob primary key not null,
    name text not null,
    name_key text not null,
    role text not null,
    password blob not null,
    seed_version blob,
    seed blob,
    next_seed_version blob,
    next_seed blob,
    last_step integer,
    disabled boolean not null,
    created_at integer not null,
    last_sign_in_at integer,
    failures integer not null,
    locked_until integer
);
create unique index person_name on person (name_key);

create table web_session (
    id blob primary key not null,
    token blob not null,
    person blob not null references person (id) on delete cascade,
    created_at integer not null,
    last_used_at integer not null,
    expires_at integer not null,
    agent text not null
);
create unique index web_session_token on web_session (token);
create index web_session_person on web_session (person);

create table api_token (
    id blob primary key not null,
    token blob not null,
    person blob not null references person (id) on delete cascade,
    name text not null,
    role text not null,
    created_at integer not null,
    expires_at integer,
    last_used_at integer
);
create unique index api_token_token on api_token (token);
create index api_token_person on api_token (person);

create table credential (
    id blob primary key not null,
    name text not null,
    name_key text not null,
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
    search text not null
);
create unique index credential_name on credential (name_key);
create index credential_updated on credential (updated_at, id);
-- Searching reads this index alone: all that a filter looks at, in the order of the list.
create index credential_list on credential (name_key, id, search, status, kind);

create table credential_tag (
    credential blob not null references credential (id) on delete cascade,
    tag text not null,
    primary key (tag, credential)
);
create index credential_tag_credential on credential_tag (credential);

create table credential_grant (
    credential blob not null references credential (id) on delete cascade,
    person blob not null references person (id) on delete cascade,
    token boolean not null,
    reveal boolean not null,
    primary key (person, credential)
);
create index credential_grant_credential on credential_grant (credential);

create table seed (
    credential blob primary key not null references credential (id) on delete cascade,
    version blob not null,
    sealed blob not null,
    print blob not null,
    counter integer
);
create index seed_print on seed (print);

create table password_version (
    id blob primary key not null,
    credential blob not null references credential (id) on delete cascade,
    number integer not null,
    state text not null,
    sealed blob not null,
    created_at integer not null,
    created_by text not null
);
create unique index password_version_number on password_version (credential, number);

-- Who took which time step. A machine that means to use one claims it, and only when nobody has taken it.
create table step_use (
    credential blob not null references credential (id) on delete cascade,
    step integer not null,
    person blob not null,
    name text not null,
    machine boolean not null,
    claimed boolean not null,
    at integer not null,
    primary key (credential, step, person, claimed)
);
create unique index step_use_claimed on step_use (credential, step) where claimed;
create index step_use_at on step_use (at);

create table audit_record (
    seq integer primary key,
    at integer not null,
    actor_kind text not null,
    actor blob,
    actor_name text not null,
    act text not null,
    object_kind text,
    object blob,
    object_name text,
    reason text,
    details text,
    hash blob not null
);

-- Which records are about a thing or by a person, up to vault.audit_indexed. Entries come in large sorted batches some
-- time after their records: one by one they would cost each durable write a page of their own.
create table audit_about (
    thing blob not null,
    seq integer not null,
    primary key (thing, seq)
) without rowid;

create table audit_checkpoint (
    size integer primary key,
    root blob not null,
    time integer not null,
    key text not null,
    signature text not null
);
