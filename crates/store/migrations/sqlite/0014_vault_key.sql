-- The vault's keys: one, and two while it is being replaced. `id` names a key and tells nothing of it. The newer one brings
-- its own slot until it is the only one; then it is in key_slot.
create table vault_key (
    number integer primary key not null,
    id text not null,
    created_at integer not null,
    -- When it began to seal; none while other servers still learn of it.
    active_at integer,
    kind text,
    parameters blob,
    wrapped blob,
    lasting blob
);
alter table key_slot add column number integer not null default 1;
alter table key_slot add column lasting blob not null default x'';

-- Under which of them a part of a recording is sealed; the part itself lies elsewhere.
alter table session_part add column key_number integer not null default 1;
