-- What vouches for rows of authority: an HMAC under a key that comes from the vault key, over the columns that matter.
alter table person add column mark blob;
alter table web_session add column mark blob;
alter table api_token add column mark blob;
alter table credential add column mark blob;
alter table credential_grant add column mark blob;
alter table automation add column mark blob;
alter table session_link add column mark blob;

-- When the rows that were there were marked: once, at the first start with this schema.
alter table vault add column marked_at integer;
alter table vault add column mark blob;
