-- When a password version was last seen to sign in, and by which change; and who said by hand that it does.
alter table password_version add column proven_at bigint;
alter table password_version add column proven_change uuid;
alter table password_version add column confirmed_at bigint;
alter table password_version add column confirmed_by text;

-- Who said which password signs in, where no machine could find it out.
alter table change add column settled_by text;
