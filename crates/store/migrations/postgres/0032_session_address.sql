-- From where somebody signed in, for the list of their devices. It decides nothing, so no mark covers it; the record of the sign-in
-- has it too.
alter table web_session add column address text;
