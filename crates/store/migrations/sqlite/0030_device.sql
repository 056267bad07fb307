-- Browser extensions that people have paired, each with the public half of a key that stays in its browser.
create table device (
    id blob primary key not null,
    person blob not null references person (id) on delete cascade,
    name text not null,
    public_key blob not null,
    created_at integer not null,
    expires_at integer not null,
    last_used_at integer,
    mark blob not null
);
create index device_person on device (person);

-- The codes by which they are paired, as keyed hashes: one a person.
create table pairing_code (
    person blob primary key not null references person (id) on delete cascade,
    token blob not null,
    expires_at integer not null,
    mark blob not null
);
create unique index pairing_code_token on pairing_code (token);

-- The requests of an extension that were taken, until their time alone would refuse them.
create table device_request (
    device blob not null references device (id) on delete cascade,
    nonce blob not null,
    expires_at integer not null,
    primary key (device, nonce)
);
create index device_request_expires on device_request (expires_at);
