-- Held for a step of another branch.
select 1;
