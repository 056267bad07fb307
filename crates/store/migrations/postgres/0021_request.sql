-- Requests for what a grant allows after others have approved. Where one stands follows from closed, ends_at and waits_until.
-- terms: what is asked for and who has approved; closing: who ended it before its time, and why.
create table access_request (
    id uuid primary key not null,
    credential uuid not null references credential (id) on delete cascade,
    grant_id uuid not null,
    person uuid not null references person (id) on delete cascade,
    created_at bigint not null,
    waits_until bigint not null,
    starts_at bigint,
    ends_at bigint,
    closed text,
    terms text not null,
    closing text,
    mark bytea
);
create index access_request_person on access_request (person, ends_at);
create index access_request_credential on access_request (credential);
create index access_request_grant on access_request (grant_id) where closed is null;
create index access_request_open on access_request (waits_until) where closed is null and ends_at is null;

-- By which approved request a session was started.
alter table session add column request uuid;
create index session_request on session (request) where request is not null;

-- Notices of requests, with who asked or decided.
alter table notice add column request uuid;
alter table notice add column person text;
