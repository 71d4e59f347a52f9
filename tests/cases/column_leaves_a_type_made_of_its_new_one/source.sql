create type tag as (weight numeric, name text);
create table note (id int primary key, mark tag, marks tag[]);
