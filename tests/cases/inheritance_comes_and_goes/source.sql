create table animal (id int primary key, name text not null);
create table cat (lives int default 9, primary key (id)) inherits (animal);
create table siamese () inherits (cat);
