-- When somebody last decided that a grant is to be: who made it, edited it, or kept it in a review. Grants from before have none.
create table grant_decision (
    grant_id uuid primary key not null references access_grant (id) on delete cascade,
    decided_at bigint not null,
    decided_by text not null,
    mark bytea
);

-- The last use of each credential and each grant, as the log tells it up to record vault.uses_counted. It is for people to look at, and
-- decides nothing: it can be counted again from the log.
create table last_use (
    thing uuid primary key not null,
    used_at bigint not null,
    actor uuid not null,
    actor_name text not null,
    act text not null,
    uses bigint not null
);
alter table vault add column uses_counted bigint not null default 0;

-- After so many days a grant comes up for review; 0: never.
alter table vault add column review_days bigint not null default 90;
