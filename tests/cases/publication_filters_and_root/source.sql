create table acct (id bigint, tenant int, primary key (tenant, id)) partition by list (tenant);
create table acct_1 partition of acct for values in (1);
create table plain (id int primary key, x text);
create publication pub for table acct where (tenant > 3), plain (id) with (publish_via_partition_root);
create publication pub2 for table acct_1, plain;
