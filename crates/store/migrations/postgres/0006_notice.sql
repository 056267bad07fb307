-- How people are told of changes. `sealed` holds the mail server with its password, the webhook and its secret.
create table notice_settings (
    one bigint primary key check (one = 1),
    settings text not null,
    version uuid not null,
    sealed bytea not null
);

-- Where somebody wants to be told of what they asked for, and who asked for a change.
alter table person add column email text;
alter table change add column asker uuid;

-- What is to be told, one row for each way and recipient: written in the transaction of what happened, so that nothing is
-- told that did not happen, and nothing that happened is lost. Afterwards it is the log of deliveries.
create table notice (
    id uuid primary key not null,
    change uuid,
    credential_name text not null,
    kind text not null,
    what text,
    reason text,
    way text not null,
    recipient text not null,
    created_at bigint not null,
    run_at bigint not null,
    leased_by text,
    leased_until bigint,
    attempts bigint not null,
    delivered_at bigint,
    given_up_at bigint,
    last_error text
);
create index notice_due on notice (run_at) where delivered_at is null and given_up_at is null;
create index notice_created on notice (created_at, id);
create index notice_change on notice (change, kind);
