-- Groups of people. What is granted to a group is granted to everybody in it, and in the groups in it.
create table person_group (
    id uuid primary key not null,
    name text not null,
    name_key text not null,
    created_at bigint not null,
    mark bytea
);
create unique index person_group_name on person_group (name_key);

-- Who is directly in a group: a person, or another group.
create table group_member (
    id uuid primary key not null,
    grp uuid not null references person_group (id) on delete cascade,
    person uuid references person (id) on delete cascade,
    inner_grp uuid references person_group (id) on delete cascade,
    mark bytea
);
create unique index group_member_person on group_member (person, grp);
create unique index group_member_inner on group_member (inner_grp, grp);
create index group_member_grp on group_member (grp);

-- What a person or a group may do, with one credential, or with all that have a tag or a site's host. starts_at and ends_at
-- repeat what the conditions say, for lists; what decides is read from the conditions, which the mark covers.
create table access_grant (
    id uuid primary key not null,
    person uuid references person (id) on delete cascade,
    grp uuid references person_group (id) on delete cascade,
    credential uuid references credential (id) on delete cascade,
    tag text,
    site text,
    token boolean not null,
    reveal boolean not null,
    session text,
    extras text,
    change boolean not null,
    edit boolean not null,
    share boolean not null,
    audit boolean not null,
    conditions text not null,
    starts_at bigint,
    ends_at bigint,
    created_at bigint,
    created_by text,
    mark bytea
);
create index access_grant_person on access_grant (person);
create index access_grant_grp on access_grant (grp);
create index access_grant_credential on access_grant (credential);
create index access_grant_tag on access_grant (tag);
create index access_grant_site on access_grant (site);

-- What was granted before has no conditions. It keeps its mark, and is marked anew at the first start with this step.
insert into access_grant (id, person, credential, token, reveal, session, extras, change, edit, share, audit, conditions, mark)
    select gen_random_uuid(), person, credential, token, reveal, session, extras, false, false, false, false, '{}', mark
    from credential_grant;
drop table credential_grant;

-- The host of a credential's site, by which grants find it.
alter table credential add column site_host text;
create index credential_site_host on credential (site_host);
update credential set site_host = substr(site, strpos(site, '://') + 3) where site is not null;
update credential set site_host = split_part(site_host, '/', 1) where site is not null;
update credential set site_host = case when site_host like '[%' then substr(site_host, 1, strpos(site_host, ']'))
    else split_part(site_host, ':', 1) end where site is not null;
