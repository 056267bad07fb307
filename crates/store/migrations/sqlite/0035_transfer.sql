-- Whether a grant lets somebody transfer the setup key to a phone (docs/decisions/0064-a-setup-key-on-a-phone.md). Grants from before let
-- nobody; they keep their marks, which cover it where it is true.
alter table access_grant add column transfer boolean not null default false;
alter table removed_grant add column transfer boolean not null default false;

-- Whose phone has which setup key, as far as it went there from here. It decides nothing, so it is not marked; what happened stands in the
-- log. A row outlives its person, whose phone is still there, and the credential's being in the bin.
create table phone (
    credential blob not null,
    seed_version blob not null,
    person blob not null,
    name text not null,
    at integer not null,
    primary key (credential, seed_version, person)
);
create index phone_person on phone (person);
