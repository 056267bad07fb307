-- Browser extensions that people have paired, each with the public half of a key that stays in its browser.
create table device (
    id uuid primary key not null,
    person uuid not null references person (id) on delete cascade,
    name text not null,
    public_key bytea not null,
    created_at bigint not null,
    expires_at bigint not null,
    last_used_at bigint,
    mark bytea not null
);
create index device_person on device (person);

-- The codes by which they are paired, as keyed hashes: one a person.
create table pairing_code (
    person uuid primary key not null references person (id) on delete cascade,
    token bytea not null,
    expires_at bigint not null,
    mark bytea not null
);
create unique index pairing_code_token on pairing_code (token);

-- The requests of an extension that were taken, until their time alone would refuse them.
create table device_request (
    device uuid not null references device (id) on delete cascade,
    nonce bytea not null,
    expires_at bigint not null,
    primary key (device, nonce)
);
create index device_request_expires on device_request (expires_at);
