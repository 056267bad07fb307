-- Whether exports need the approval of a second administrator. The mark of the vault's row covers it.
alter table vault add column export_approval boolean not null default false;

-- Requests about the vault that another administrator approves. Where one stands follows from closed, ends_at and waits_until.
-- terms: what is asked for, why, and who has approved; closing: how it ended, and by whom.
create table vault_request (
    id blob primary key not null,
    mark blob not null,
    person blob not null references person (id) on delete cascade,
    created_at integer not null,
    waits_until integer not null,
    ends_at integer,
    closed text,
    terms text not null,
    closing text
);
create index vault_request_person on vault_request (person);
create index vault_request_open on vault_request (waits_until) where closed is null;
