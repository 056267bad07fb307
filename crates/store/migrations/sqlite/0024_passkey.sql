-- Passkeys: with what people sign in beside, or in place of, password and code. credential is the authenticator's own id of it, stored the
-- public key, the counter and what else is known of it.
create table passkey (
    id blob primary key not null,
    person blob not null references person (id) on delete cascade,
    credential blob not null,
    name text not null,
    stored text not null,
    created_at integer not null,
    last_used_at integer,
    mark blob
);
create unique index passkey_credential on passkey (credential);
create index passkey_person on passkey (person);

-- What a browser was asked for a passkey, until it answers: one question for each browser and purpose, of which holder is the hash.
create table passkey_challenge (
    id blob primary key not null,
    holder blob not null,
    state text not null,
    expires_at integer not null,
    mark blob
);
create unique index passkey_challenge_holder on passkey_challenge (holder);
create index passkey_challenge_expires on passkey_challenge (expires_at);

-- How many passkeys somebody has, under the mark of their own row: whoever removes a passkey's row does not make their password alone enough.
alter table person add column passkeys integer not null default 0;
