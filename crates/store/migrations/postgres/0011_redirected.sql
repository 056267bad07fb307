-- When secrets were last pointed to an origin that no person has tried since: nothing runs there by itself until one has.
alter table automation add column redirected_at bigint;
