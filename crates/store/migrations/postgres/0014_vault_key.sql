-- The vault's keys: one, and two while it is being replaced. `id` names a key and tells nothing of it. The newer one brings
-- its own slot until it is the only one; then it is in key_slot.
create table vault_key (
    number bigint primary key not null,
    id text not null,
    created_at bigint not null,
    -- When it began to seal; none while other servers still learn of it.
    active_at bigint,
    kind text,
    parameters bytea,
    wrapped bytea,
    lasting bytea
);
alter table key_slot add column number bigint not null default 1;
alter table key_slot add column lasting bytea not null default '';

-- Under which of them a part of a recording is sealed; the part itself lies elsewhere.
alter table session_part add column key_number bigint not null default 1;
