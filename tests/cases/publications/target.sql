create table t (a int primary key, b int); create table "U v" (a int primary key);
create publication everything for all tables with (publish = 'insert');
create publication several for table t with (publish = 'update');
create publication gone for table t, "U v";
create publication turned for all tables;
