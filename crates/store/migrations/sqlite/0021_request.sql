-- Requests for what a grant allows after others have approved. Where one stands follows from closed, ends_at and waits_until.
-- terms: what is asked for and who has approved; closing: who ended it before its time, and why.
create table access_request (
    id blob primary key not null,
    credential blob not null references credential (id) on delete cascade,
    grant_id blob not null,
    person blob not null references person (id) on delete cascade,
    created_at integer not null,
    waits_until integer not null,
    starts_at integer,
    ends_at integer,
    closed text,
    terms text not null,
    closing text,
    mark blob
);
create index access_request_person on access_request (person, ends_at);
create index access_request_credential on access_request (credential);
create index access_request_grant on access_request (grant_id) where closed is null;
create index access_request_open on access_request (waits_until) where closed is null and ends_at is null;

-- By which approved request a session was started.
alter table session add column request blob;
create index session_request on session (request) where request is not null;

-- Notices of requests, with who asked or decided.
alter table notice add column request blob;
alter table notice add column person text;
