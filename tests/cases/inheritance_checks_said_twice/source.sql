create table a (x int, constraint c check (x > 1)); create table ab (constraint c check (x > 1)) inherits (a); create table abc () inherits (ab);
create table d (x int); create table de (constraint c check (x > 0) no inherit) inherits (d); create table def () inherits (de);
create table g (x int, constraint c check (x > 1)); create table gh () inherits (g); create table ghi (constraint c check (x > 1)) inherits (gh);
create table k (x int, constraint c check (x > 0)); create table kl () inherits (k); create table klm () inherits (kl);
create table p (x int, constraint c check (x > 1)); create table q (x int, constraint c check (x > 1)); create table pq (constraint c check (x > 1)) inherits (p, q);
