create foreign data wrapper elsewhere validator postgresql_fdw_validator;
create foreign data wrapper bare options (debug 'true', "Odd name" 'it''s');
create server far type 'pg' version '18' foreign data wrapper elsewhere options (host 'a', dbname 'x');
create server near foreign data wrapper bare options (colour 'red');
create user mapping for public server far options (user 'u');
create user mapping for current_user server near;
comment on server far is 'far'; comment on foreign data wrapper bare is 'bare';
