create table vessel (length int);
create table boat () inherits (vessel);
create table dinghy () inherits (boat);
