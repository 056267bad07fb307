-- How the page speaks to somebody, wherever they sign in. It decides nothing, so it bears no mark.
create table person_preferences (
    person uuid primary key not null references person (id) on delete cascade,
    preferences text not null
);
