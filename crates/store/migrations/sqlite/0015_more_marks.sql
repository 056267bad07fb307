-- Which columns the marks cover: 1 is what they covered before this step. Rows are marked anew at the first start with it.
alter table vault add column marks integer not null default 1;

-- When there was somebody for the first time: from then on no first administrator is made.
alter table vault add column set_up_at integer;

-- Of seeds with a counter: that it is where this vault has moved it.
alter table seed add column mark blob;

-- A code that was used is gone from now on, so that nothing in its row can make it serve again.
delete from recovery_code where used_at is not null;
alter table recovery_code drop column used_at;
