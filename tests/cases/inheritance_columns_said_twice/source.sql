create table vessel (length int, flag text, constraint has_flag check (flag <> ''));
create table boat (flag text default 'none', sails int, constraint has_flag check (flag <> '')) inherits (vessel);
create table dinghy (flag text default 'small') inherits (boat);
