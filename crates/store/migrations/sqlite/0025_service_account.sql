-- Accounts of programs: a row of person that nobody signs in by, with what is special about it. The owner is told to people and
-- decides nothing.
create table service_account (
    person blob primary key not null references person (id) on delete cascade,
    description text not null,
    owner blob references person (id) on delete set null,
    scope text not null,
    networks text not null,
    expires_at integer,
    created_by text not null,
    last_used_at integer,
    mark blob not null
);
create index service_account_owner on service_account (owner);

-- By what a service account asks for tokens, kept as keyed hashes.
create table client_secret (
    id blob primary key not null,
    token blob not null,
    person blob not null references service_account (person) on delete cascade,
    hint text not null,
    created_at integer not null,
    created_by text not null,
    expires_at integer,
    last_used_at integer,
    mark blob not null
);
create unique index client_secret_token on client_secret (token);
create index client_secret_person on client_secret (person);

-- What it was given for them: for some minutes, narrowed to a scope. Ends with the secret that it was asked for by.
create table access_token (
    id blob primary key not null,
    token blob not null,
    person blob not null references service_account (person) on delete cascade,
    secret blob not null references client_secret (id) on delete cascade,
    scope text not null,
    created_at integer not null,
    expires_at integer not null,
    mark blob not null
);
create unique index access_token_token on access_token (token);
create index access_token_person on access_token (person, created_at);
create index access_token_secret on access_token (secret);
create index access_token_expires on access_token (expires_at);
