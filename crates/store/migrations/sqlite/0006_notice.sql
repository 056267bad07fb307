-- How people are told of changes. `sealed` holds the mail server with its password, the webhook and its secret.
create table notice_settings (
    one integer primary key check (one = 1),
    settings text not null,
    version blob not null,
    sealed blob not null
);

-- Where somebody wants to be told of what they asked for, and who asked for a change.
alter table person add column email text;
alter table change add column asker blob;

-- What is to be told, one row for each way and recipient: written in the transaction of what happened, so that nothing is
-- told that did not happen, and nothing that happened is lost. Afterwards it is the log of deliveries.
create table notice (
    id blob primary key not null,
    change blob,
    credential_name text not null,
    kind text not null,
    what text,
    reason text,
    way text not null,
    recipient text not null,
    created_at integer not null,
    run_at integer not null,
    leased_by text,
    leased_until integer,
    attempts integer not null,
    delivered_at integer,
    given_up_at integer,
    last_error text
);
create index notice_due on notice (run_at) where delivered_at is null and given_up_at is null;
create index notice_created on notice (created_at, id);
create index notice_change on notice (change, kind);
