-- Where the audit log also goes, and how far each place has taken it. What is sealed is address, header and signing key.
create table audit_sink (
    id uuid primary key not null,
    name text not null,
    name_key text not null,
    kind text not null,
    settings text not null,
    version uuid not null,
    sealed bytea not null,
    paused boolean not null,
    created_at bigint not null,
    mark bytea
);
create unique index audit_sink_name on audit_sink (name_key);
-- cursor_seq is the last record that the place has surely taken, cursor_root its hash; sent_seq the last one that passed the filter;
-- checkpoint_size the last checkpoint.
create table audit_sink_state (
    sink uuid primary key not null references audit_sink (id) on delete cascade,
    start_seq bigint not null,
    cursor_seq bigint not null,
    cursor_root bytea not null,
    sent_seq bigint not null,
    checkpoint_size bigint not null,
    mark bytea,
    attempts bigint not null,
    failing_since bigint,
    last_error text,
    next_try_at bigint,
    taken_at bigint,
    told_at bigint,
    leased_by text,
    leased_until bigint
);
-- Filters of the audit log that people keep.
create table audit_view (
    id uuid primary key not null,
    person uuid not null references person (id) on delete cascade,
    name text not null,
    filter text not null,
    created_at bigint not null
);
create index audit_view_person on audit_view (person);
