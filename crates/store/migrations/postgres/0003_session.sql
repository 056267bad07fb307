-- What somebody may do in sessions: how far, and the rest as JSON.
alter table credential_grant add column session text;
alter table credential_grant add column extras text;

-- Sign-ins of sessions are taken by what hosts sessions, other changes by the ordinary workers.
alter table job add column sign_in boolean not null default false;

-- One browser signed in by Countersign, watched and used by people. A credential that is removed leaves its sessions for
-- whoever audits; `change` is the sign-in of the session, or the waiting change that it was opened for.
create table session (
    id uuid primary key not null,
    credential uuid references credential (id) on delete set null,
    credential_name text not null,
    change uuid references change (id) on delete set null,
    sign_in boolean not null,
    state text not null,
    ended_why text,
    end_wish text,
    started_by uuid not null,
    started_by_name text not null,
    reason text,
    created_at bigint not null,
    live_at bigint,
    ended_at bigint,
    seen_at bigint,
    node text,
    idle_seconds bigint not null,
    longest_seconds bigint not null,
    recorded_ms bigint not null,
    recorded_bytes bigint not null,
    dropped_at bigint
);
-- One browser at a time on one account.
create unique index session_open on session (credential) where ended_at is null;
create index session_created on session (created_at, id);
create index session_ended on session (ended_at);
create index session_credential on session (credential, created_at);
create index session_change on session (change);
create index session_started_by on session (started_by);

-- A way into one session for one person, used once. Kept as a hash.
create table session_link (
    token bytea primary key not null,
    session uuid not null references session (id) on delete cascade,
    person uuid not null references person (id) on delete cascade,
    level text not null,
    expires_at bigint not null,
    used_at bigint
);
create index session_link_session on session_link (session, person);
create index session_link_person on session_link (person);

-- The parts of a recording; their bytes lie sealed in the recording store.
create table session_part (
    session uuid not null references session (id) on delete cascade,
    seq bigint not null,
    from_ms bigint not null,
    to_ms bigint not null,
    is_key boolean not null,
    frames bigint not null,
    events bigint not null,
    bytes bigint not null,
    primary key (session, seq)
);
