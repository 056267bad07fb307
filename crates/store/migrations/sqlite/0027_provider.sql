-- The OpenID Connect provider with which people may sign in: one row, whose id is the vault's. `sealed` holds its client secret.
create table provider (
    id blob primary key not null,
    settings text not null,
    version blob not null,
    sealed blob not null,
    mark blob
);

-- As whom a provider knows somebody.
create table provider_identity (
    id blob primary key not null,
    person blob not null references person (id) on delete cascade,
    issuer text not null,
    subject text not null,
    created_at integer not null,
    mark blob
);
create unique index provider_identity_subject on provider_identity (issuer, subject);
create unique index provider_identity_person on provider_identity (person, issuer);

-- Somebody who is away at the provider, found by a keyed hash of what their browser keeps meanwhile. `state` holds what for, whose,
-- how far they are, and what the provider has said of them.
create table round_trip (
    token blob primary key not null,
    began_at integer not null,
    state text not null,
    mark blob not null
);
create index round_trip_began on round_trip (began_at);

-- By what somebody signed in, where it was not by password: `provider`, or `provider_both` where the provider vouched for the
-- second factor too.
alter table web_session add column came_by text;

-- Whether the provider's word has brought somebody into a group.
alter table group_member add column by_provider boolean not null default false;
