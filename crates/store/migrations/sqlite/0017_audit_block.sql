-- The log in blocks: what one transaction records, packed (crates/audit/src/block.rs). Rows of audit_record become blocks at
-- the first start with this schema, and none are added any more.
create table audit_block (
    last integer primary key,
    first integer not null,
    root blob not null,
    entries blob not null
);

-- The index of whole runs of records (crates/audit/src/index.rs): an id has the part in front, from its 41st bit on, and the
-- run behind. It is built anew from the log, in place of one by thing and record.
create table audit_index (
    id integer primary key,
    terms blob not null
);
create table audit_run (
    run integer primary key,
    since integer not null,
    until integer not null,
    -- In which of its 64 segments something of authority happened, one bit each; what was ended hangs on it, so it is marked.
    authority integer not null,
    mark blob
);
-- Names in lower case, and who or what bore them; an empty id for who had none.
create table audit_name (
    name text not null,
    thing blob not null,
    primary key (name, thing)
) without rowid;

drop table audit_about;
update vault set audit_indexed = 0;
