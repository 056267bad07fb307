-- Whether somebody else has chosen the password: it is changed before anything else.
alter table person add column must_change boolean not null default false;

-- The link by which a person chooses their password themselves, used once. Kept as a keyed hash.
create table person_link (
    person blob primary key not null references person (id) on delete cascade,
    token blob not null,
    expires_at integer not null,
    mark blob not null
);
create unique index person_link_token on person_link (token);
