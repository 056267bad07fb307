-- Command lines that wait to be signed in (RFC 8628): both codes as keyed hashes, who asks as they say, and what a person has decided.
create table device_login (
    id uuid primary key not null,
    mark bytea not null,
    device_code bytea not null,
    user_code bytea not null,
    client text not null,
    host text,
    address text,
    network text not null,
    created_at bigint not null,
    expires_at bigint not null,
    person uuid references person (id) on delete cascade,
    decided_at bigint,
    role text,
    admin boolean,
    token_ends_at bigint,
    polled_at bigint,
    poll_seconds bigint not null
);
create unique index device_login_device_code on device_login (device_code);
create unique index device_login_user_code on device_login (user_code);
create index device_login_network on device_login (network);
create index device_login_person on device_login (person);
create index device_login_expires on device_login (expires_at);
