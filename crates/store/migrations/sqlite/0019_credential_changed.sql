-- What has changed of the credentials since somebody last looked: the index in memory by which lists are searched is brought
-- up to date by it (docs/decisions/0040-an-index-in-memory.md). Each credential bears the number of its last change, and one
-- that is gone leaves its id. One transaction writes at a time here, so its number is the place in the log where it began.
-- Credentials from before have none; triggers give them, so that nothing which writes can forget it.
alter table credential add column changed integer;
create index credential_changed on credential (changed) where changed is not null;

create table credential_gone (
    credential blob primary key not null,
    changed integer not null
);
create index credential_gone_changed on credential_gone (changed);

create trigger credential_added after insert on credential when new.changed is null
begin
    update credential set changed = coalesce((select audit_size + 1 from vault), 1) where rowid = new.rowid;
end;
-- The columns that lists look at.
create trigger credential_edited after update of name_key, search, site, updated_at, status, kind, tags on credential
begin
    update credential set changed = coalesce((select audit_size + 1 from vault), 1) where rowid = new.rowid;
end;
create trigger credential_removed after delete on credential
begin
    insert or replace into credential_gone (credential, changed)
        values (old.id, coalesce((select audit_size + 1 from vault), 1));
end;
