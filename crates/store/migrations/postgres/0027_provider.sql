-- The OpenID Connect provider with which people may sign in: one row, whose id is the vault's. `sealed` holds its client secret.
create table provider (
    id uuid primary key not null,
    settings text not null,
    version uuid not null,
    sealed bytea not null,
    mark bytea
);

-- As whom a provider knows somebody.
create table provider_identity (
    id uuid primary key not null,
    person uuid not null references person (id) on delete cascade,
    issuer text not null,
    subject text not null,
    created_at bigint not null,
    mark bytea
);
create unique index provider_identity_subject on provider_identity (issuer, subject);
create unique index provider_identity_person on provider_identity (person, issuer);

-- Somebody who is away at the provider, found by a keyed hash of what their browser keeps meanwhile. `state` holds what for, whose,
-- how far they are, and what the provider has said of them.
create table round_trip (
    token bytea primary key not null,
    began_at bigint not null,
    state text not null,
    mark bytea not null
);
create index round_trip_began on round_trip (began_at);

-- By what somebody signed in, where it was not by password: `provider`, or `provider_both` where the provider vouched for the
-- second factor too.
alter table web_session add column came_by text;

-- Whether the provider's word has brought somebody into a group.
alter table group_member add column by_provider boolean not null default false;
