-- Codes with which somebody who lost their authenticator signs in, each once. Only hashes; making new ones removes the old.
create table recovery_code (
    person uuid not null references person (id) on delete cascade,
    code bytea not null,
    used_at bigint,
    primary key (person, code)
);

-- Whether the keys of names from before they were kept in NFC have been brought into it.
alter table vault add column names_normalised boolean not null default false;
