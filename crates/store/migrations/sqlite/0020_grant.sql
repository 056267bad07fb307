-- Groups of people. What is granted to a group is granted to everybody in it, and in the groups in it.
create table person_group (
    id blob primary key not null,
    name text not null,
    name_key text not null,
    created_at integer not null,
    mark blob
);
create unique index person_group_name on person_group (name_key);

-- Who is directly in a group: a person, or another group.
create table group_member (
    id blob primary key not null,
    grp blob not null references person_group (id) on delete cascade,
    person blob references person (id) on delete cascade,
    inner_grp blob references person_group (id) on delete cascade,
    mark blob
);
create unique index group_member_person on group_member (person, grp);
create unique index group_member_inner on group_member (inner_grp, grp);
create index group_member_grp on group_member (grp);

-- What a person or a group may do, with one credential, or with all that have a tag or a site's host. starts_at and ends_at
-- repeat what the conditions say, for lists; what decides is read from the conditions, which the mark covers.
create table access_grant (
    id blob primary key not null,
    person blob references person (id) on delete cascade,
    grp blob references person_group (id) on delete cascade,
    credential blob references credential (id) on delete cascade,
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
    starts_at integer,
    ends_at integer,
    created_at integer,
    created_by text,
    mark blob
);
create index access_grant_person on access_grant (person);
create index access_grant_grp on access_grant (grp);
create index access_grant_credential on access_grant (credential);
create index access_grant_tag on access_grant (tag);
create index access_grant_site on access_grant (site);

-- What was granted before has no conditions. It keeps its mark, and is marked anew at the first start with this step.
insert into access_grant (id, person, credential, token, reveal, session, extras, change, edit, share, audit, conditions, mark)
    select randomblob(16), person, credential, token, reveal, session, extras, false, false, false, false, '{}', mark
    from credential_grant;
drop table credential_grant;

-- The host of a credential's site, by which grants find it.
alter table credential add column site_host text;
create index credential_site_host on credential (site_host);
update credential set site_host = substr(site, instr(site, '://') + 3) where site is not null;
update credential set site_host = substr(site_host, 1, instr(site_host || '/', '/') - 1) where site is not null;
update credential set site_host = case when site_host like '[%' then substr(site_host, 1, instr(site_host, ']'))
    else substr(site_host, 1, instr(site_host || ':', ':') - 1) end where site is not null;
