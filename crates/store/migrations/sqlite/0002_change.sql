-- A password version's keyed fingerprint, so that no two credentials are ever given the same new password.
alter table password_version add column print blob;
create index password_version_print on password_version (print);

-- One run of replacing a password at its site, or of rehearsing that, or of only signing in. `candidate` and `armed_at`
-- are written in one transaction before the first key of the new password is pressed: from then on it may hold.
create table change (
    id blob primary key not null,
    credential blob not null references credential (id) on delete cascade,
    kind text not null,
    state text not null,
    reason text,
    asked_by_name text not null,
    because text not null,
    note text,
    created_at integer not null,
    started_at integer,
    ended_at integer,
    not_before integer,
    waiting_until integer,
    candidate blob,
    armed_at integer,
    attempts integer not null,
    current_tries integer not null,
    candidate_tries integer not null
);
-- Never two runs at once on one credential.
create unique index change_open on change (credential) where ended_at is null;
create index change_credential on change (credential, created_at);
create index change_created on change (created_at, id);

-- What a worker may take. A lease that has run out means that its worker is gone.
create table job (
    change blob primary key not null references change (id) on delete cascade,
    run_at integer not null,
    leased_by text,
    leased_until integer,
    cancelled boolean not null
);
create index job_run_at on job (run_at);

-- What happened in a change, one line after the other, some with a masked picture.
create table change_event (
    change blob not null references change (id) on delete cascade,
    seq integer not null,
    at integer not null,
    state text not null,
    text text not null,
    picture_version blob,
    picture blob,
    primary key (change, seq)
);

-- How a credential's site is dealt with, and what was learnt there.
create table automation (
    credential blob primary key not null references credential (id) on delete cascade,
    settings text not null,
    next_change_at integer,
    next_change_because text,
    next_heartbeat_at integer,
    heartbeat text,
    clock_offset integer,
    clock_seen_at integer,
    fingerprints text,
    moved text,
    browser_version blob,
    browser_state blob,
    browser_identity text
);
create index automation_next_change on automation (next_change_at);
create index automation_next_heartbeat on automation (next_heartbeat_at);
