-- Where the pages to sign in and to change the password were found. A password is typed there, so a mark covers it.
alter table automation add column pages text;
alter table automation add column pages_mark bytea;
