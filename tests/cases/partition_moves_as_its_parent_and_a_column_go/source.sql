create table acct (tenant int, id bigint, primary key (tenant, id)) partition by list (tenant);
create table acct_1 partition of acct for values in (1) partition by hash (id);
create table acct_1a partition of acct_1 for values with (modulus 2, remainder 0);
create table acct_1b partition of acct_1 for values with (modulus 2, remainder 1);
