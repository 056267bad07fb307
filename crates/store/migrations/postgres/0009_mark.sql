-- What vouches for rows of authority: an HMAC under a key that comes from the vault key, over the columns that matter.
alter table person add column mark bytea;
alter table web_session add column mark bytea;
alter table api_token add column mark bytea;
alter table credential add column mark bytea;
alter table credential_grant add column mark bytea;
alter table automation add column mark bytea;
alter table session_link add column mark bytea;

-- When the rows that were there were marked: once, at the first start with this schema.
alter table vault add column marked_at bigint;
alter table vault add column mark bytea;
