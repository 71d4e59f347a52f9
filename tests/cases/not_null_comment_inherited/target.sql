create table above (a int not null); create table below () inherits (above);
