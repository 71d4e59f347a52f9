create table t (a int primary key, b int); create table "U v" (a int primary key);
create publication everything for all tables;
create publication several for table t, "U v" with (publish = 'insert, delete', publish_via_partition_root);
create publication empty;
create publication turned for table t;
comment on publication several is 'some';
