create function f(a int) returns int language sql as 'select 1'; create function f(a text) returns int language sql as 'select 2';
create function p(a int, b text) returns text language sql as 'select $2'; create function o(a int, out b int) language sql as 'select 1';
