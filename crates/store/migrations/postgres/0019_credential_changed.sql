-- What has changed of the credentials since somebody last looked: the index in memory by which lists are searched is brought
-- up to date by it (docs/decisions/0040-an-index-in-memory.md). Each credential bears the number of its last change, and one
-- that is gone leaves its id. Transactions write side by side here, so their number is their own: which of them a snapshot
-- sees, the snapshot tells. Credentials from before have none; triggers give them, so that nothing which writes can forget it.
alter table credential add column changed bigint;
alter table credential alter column changed set default pg_current_xact_id()::text::bigint;
create index credential_changed on credential (changed) where changed is not null;

create table credential_gone (
    credential uuid primary key,
    changed bigint not null
);
create index credential_gone_changed on credential_gone (changed);

create function credential_edited() returns trigger language plpgsql as $$
begin
    new.changed := pg_current_xact_id()::text::bigint;
    return new;
end $$;
-- The columns that lists look at.
create trigger credential_edited before update of name_key, search, site, updated_at, status, kind, tags on credential
    for each row execute function credential_edited();

create function credential_removed() returns trigger language plpgsql as $$
begin
    insert into credential_gone (credential, changed) values (old.id, pg_current_xact_id()::text::bigint)
        on conflict (credential) do update set changed = excluded.changed;
    return null;
end $$;
create trigger credential_removed after delete on credential
    for each row execute function credential_removed();
