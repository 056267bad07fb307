-- The log in blocks: what one transaction records, packed (crates/audit/src/block.rs). Rows of audit_record become blocks at
-- the first start with this schema, and none are added any more.
create table audit_block (
    last bigint primary key,
    first bigint not null,
    root bytea not null,
    entries bytea not null
);
-- Packed already: to try to make it smaller costs more than it saves.
alter table audit_block alter column entries set storage external;

-- The index of whole runs of records (crates/audit/src/index.rs): an id has the part in front, from its 41st bit on, and the
-- run behind. It is built anew from the log, in place of one by thing and record.
create table audit_index (
    id bigint primary key,
    terms bytea not null
);
alter table audit_index alter column terms set storage external;
create table audit_run (
    run bigint primary key,
    since bigint not null,
    until bigint not null,
    -- In which of its 64 segments something of authority happened, one bit each; what was ended hangs on it, so it is marked.
    authority bigint not null,
    mark bytea
);
-- Names in lower case, and who or what bore them; an empty id for who had none.
create table audit_name (
    name text not null,
    thing bytea not null,
    primary key (name, thing)
);

drop table audit_about;
update vault set audit_indexed = 0;
