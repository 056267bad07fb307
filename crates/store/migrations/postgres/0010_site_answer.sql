-- What the site answered when the new password was sent, as JSON, and when that was: what follows from an old password that
-- still signs in depends on both.
alter table change add column site_answer text;
alter table change add column submitted_at bigint;
