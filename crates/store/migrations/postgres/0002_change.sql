-- A password version's keyed fingerprint, so that no two credentials are ever given the same new password.
alter table password_version add column print bytea;
create index password_version_print on password_version (print);

-- One run of replacing a password at its site, or of rehearsing that, or of only signing in. `candidate` and `armed_at`
-- are written in one transaction before the first key of the new password is pressed: from then on it may hold.
create table change (
    id uuid primary key not null,
    credential uuid not null references credential (id) on delete cascade,
    kind text not null,
    state text not null,
    reason text,
    asked_by_name text not null,
    because text not null,
    note text,
    created_at bigint not null,
    started_at bigint,
    ended_at bigint,
    not_before bigint,
    waiting_until bigint,
    candidate uuid,
    armed_at bigint,
    attempts bigint not null,
    current_tries bigint not null,
    candidate_tries bigint not null
);
-- Never two runs at once on one credential.
create unique index change_open on change (credential) where ended_at is null;
create index change_credential on change (credential, created_at);
create index change_created on change (created_at, id);

-- What a worker may take. A lease that has run out means that its worker is gone.
create table job (
    change uuid primary key not null references change (id) on delete cascade,
    run_at bigint not null,
    leased_by text,
    leased_until bigint,
    cancelled boolean not null
);
create index job_run_at on job (run_at);

-- What happened in a change, one line after the other, some with a masked picture.
create table change_event (
    change uuid not null references change (id) on delete cascade,
    seq bigint not null,
    at bigint not null,
    state text not null,
    text text not null,
    picture_version uuid,
    picture bytea,
    primary key (change, seq)
);

-- How a credential's site is dealt with, and what was learnt there.
create table automation (
    credential uuid primary key not null references credential (id) on delete cascade,
    settings text not null,
    next_change_at bigint,
    next_change_because text,
    next_heartbeat_at bigint,
    heartbeat text,
    clock_offset bigint,
    clock_seen_at bigint,
    fingerprints text,
    moved text,
    browser_version uuid,
    browser_state bytea,
    browser_identity text
);
create index automation_next_change on automation (next_change_at);
create index automation_next_heartbeat on automation (next_heartbeat_at);
