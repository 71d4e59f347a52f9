create foreign data wrapper v validator postgresql_fdw_validator;
create foreign data wrapper w;
create server s foreign data wrapper w;
create user mapping for public server s;
