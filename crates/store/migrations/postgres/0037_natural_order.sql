-- By what lists of credentials are in order by name: numbers in names by their value (docs/decisions/0065-names-in-natural-order.md). What it
-- is of a name, the program knows (model/src/natural.rs). A name without digits is its own; of others SQL says only that it is to be
-- made, by a last character that ends none: the next start makes it. Triggers do the same for what writes names and does not know of it.
alter table credential add column name_order text collate "C" not null default '';
update credential set name_order = case when name_key ~ '[0-9]' then name_key || chr(1) else name_key end;

-- Searching reads this index alone: all that a filter looks at, in the order of the list.
drop index credential_list;
create index credential_list on credential (name_order, id, search, status, kind);

create function credential_ordered() returns trigger language plpgsql as $$
begin
    new.name_order := case when new.name_key ~ '[0-9]' then new.name_key || chr(1) else new.name_key end;
    return new;
end $$;
create trigger credential_order_added before insert on credential
    for each row when (new.name_order = '') execute function credential_ordered();
create trigger credential_order_edited before update of name_key on credential
    for each row when (new.name_key <> old.name_key and new.name_order = old.name_order) execute function credential_ordered();
