-- Who has checked a credential out, and who waits for it. due_at is when something passes next by itself, the holder's time or a turn in
-- the queue; holder is who has it, or had it until then.
create table check_out (
    credential blob primary key not null references credential (id) on delete cascade,
    holder blob,
    due_at integer,
    state text not null,
    mark blob
);
create index check_out_due on check_out (due_at) where due_at is not null;
create index check_out_holder on check_out (holder) where holder is not null;
