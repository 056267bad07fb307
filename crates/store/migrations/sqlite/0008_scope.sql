-- When the person last showed password and second factor in this browser: what concerns their own account asks for it
-- anew after some minutes.
alter table web_session add column confirmed_at integer not null default 0;
update web_session set confirmed_at = created_at;

-- Whether a token may manage people, grants and automation; whether it is from before tokens had such a scope, and keeps
-- what it could do then; and by which token it was made, with which it ends.
alter table api_token add column admin boolean not null default false;
alter table api_token add column legacy boolean not null default false;
alter table api_token add column parent blob references api_token (id) on delete cascade;
update api_token set admin = true, legacy = true;
create index api_token_parent on api_token (parent);
