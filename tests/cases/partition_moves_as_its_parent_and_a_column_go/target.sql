create table acct (tenant int, id bigint, name text, primary key (tenant, id)) partition by list (tenant);
create table acct_3 partition of acct for values in (3) partition by hash (id);
create table acct_1a partition of acct_3 for values with (modulus 2, remainder 1);
create table acct_1b partition of acct_3 for values with (modulus 2, remainder 0);
