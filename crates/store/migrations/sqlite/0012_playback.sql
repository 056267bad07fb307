-- That somebody has opened a recording, recorded, and may fetch its parts for a while. `bearer`: the browser or API token.
create table playback (
    session blob not null references session (id) on delete cascade,
    bearer blob not null,
    expires_at integer not null,
    mark blob not null,
    primary key (session, bearer)
);
create index playback_expires on playback (expires_at);
