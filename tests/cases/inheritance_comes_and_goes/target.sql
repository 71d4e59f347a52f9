create table vehicle (id int, wheels int check (wheels >= 0));
create table car (doors int) inherits (vehicle); create table bus () inherits (vehicle);
