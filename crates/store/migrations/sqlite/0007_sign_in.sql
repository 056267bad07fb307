-- How often somebody has tried to sign in since the last success: by name (also names that nobody has), or by browser
-- where the browser is known. `key` is a keyed fingerprint, since people type passwords into the field for the name.
create table sign_in_count (
    scope text not null,
    key blob not null,
    failures integer not null,
    locked_until integer,
    last_at integer not null,
    primary key (scope, key)
);
create index sign_in_count_last on sign_in_count (last_at);

-- Browsers in which somebody has signed in before: a stranger who locks the name out does not lock them out.
create table known_browser (
    token blob not null,
    person blob not null references person (id) on delete cascade,
    created_at integer not null,
    last_used_at integer not null,
    primary key (token, person)
);
create index known_browser_person on known_browser (person);

alter table person drop column failures;
alter table person drop column locked_until;
