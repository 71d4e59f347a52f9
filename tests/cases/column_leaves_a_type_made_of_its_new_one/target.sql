create type tag as (name varchar(20), weight int);
create type boxed as (inner_tag tag, n int);
create domain many as tag[] check (array_length(value, 1) < 9);
create table note (id int primary key, mark boxed, marks many);
