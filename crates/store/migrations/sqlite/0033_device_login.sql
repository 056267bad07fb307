-- Command lines that wait to be signed in (RFC 8628): both codes as keyed hashes, who asks as they say, and what a person has decided.
create table device_login (
    id blob primary key not null,
    mark blob not null,
    device_code blob not null,
    user_code blob not null,
    client text not null,
    host text,
    address text,
    network text not null,
    created_at integer not null,
    expires_at integer not null,
    person blob references person (id) on delete cascade,
    decided_at integer,
    role text,
    admin boolean,
    token_ends_at integer,
    polled_at integer,
    poll_seconds integer not null
);
create unique index device_login_device_code on device_login (device_code);
create unique index device_login_user_code on device_login (user_code);
create index device_login_network on device_login (network);
create index device_login_person on device_login (person);
create index device_login_expires on device_login (expires_at);
