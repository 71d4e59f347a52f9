create table a (x int, constraint c check (x > 0)); create table ab (constraint c check (x > 0)) inherits (a); create table abc () inherits (ab);
create table d (x int, constraint c check (x > 0)); create table de (constraint c check (x > 0)) inherits (d); create table def () inherits (de);
create table g (x int, constraint c check (x > 0)); create table gh () inherits (g); create table ghi (constraint c check (x > 0)) inherits (gh);
create table k (x int); create table kl (constraint c check (x > 0)) inherits (k); create table klm () inherits (kl);
create table p (x int, constraint c check (x > 0)); create table q (x int, constraint c check (x > 0)); create table pq (constraint c check (x > 0)) inherits (p, q);
