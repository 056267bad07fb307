-- Where the audit log also goes, and how far each place has taken it. What is sealed is address, header and signing key.
create table audit_sink (
    id blob primary key not null,
    name text not null,
    name_key text not null,
    kind text not null,
    settings text not null,
    version blob not null,
    sealed blob not null,
    paused boolean not null,
    created_at integer not null,
    mark blob
);
create unique index audit_sink_name on audit_sink (name_key);
-- cursor_seq is the last record that the place has surely taken, cursor_root its hash; sent_seq the last one that passed the filter;
-- checkpoint_size the last checkpoint.
create table audit_sink_state (
    sink blob primary key not null references audit_sink (id) on delete cascade,
    start_seq integer not null,
    cursor_seq integer not null,
    cursor_root blob not null,
    sent_seq integer not null,
    checkpoint_size integer not null,
    mark blob,
    attempts integer not null,
    failing_since integer,
    last_error text,
    next_try_at integer,
    taken_at integer,
    told_at integer,
    leased_by text,
    leased_until integer
);
-- Filters of the audit log that people keep.
create table audit_view (
    id blob primary key not null,
    person blob not null references person (id) on delete cascade,
    name text not null,
    filter text not null,
    created_at integer not null
);
create index audit_view_person on audit_view (person);
