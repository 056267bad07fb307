-- That somebody has opened a recording, recorded, and may fetch its parts for a while. `bearer`: the browser or API token.
create table playback (
    session uuid not null references session (id) on delete cascade,
    bearer uuid not null,
    expires_at bigint not null,
    mark bytea not null,
    primary key (session, bearer)
);
create index playback_expires on playback (expires_at);
