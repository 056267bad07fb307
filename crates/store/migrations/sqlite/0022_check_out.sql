-- Who has checked a credential out, or had it last, and who waits for it. ends_at is when it is free by itself; null when that was
-- seen to already: its password changed where the grant says so, and the next one told.
create table check_out (
    credential blob primary key not null references credential (id) on delete cascade,
    ends_at integer,
    state text not null,
    mark blob
);
create index check_out_ends on check_out (ends_at) where ends_at is not null;
