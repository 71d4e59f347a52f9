create foreign data wrapper elsewhere options (note 'x');
create foreign data wrapper gone;
create server far type 'pg' version '17' foreign data wrapper elsewhere options (host 'b', port '5');
create server lost foreign data wrapper gone;
create user mapping for public server far options (user 'w');
create user mapping for current_user server far options (user 'x');
