create schema s; create table t (id int primary key, a int, b int, c text); create table u (a int, b int, p int) partition by list (p);
create statistics s.ab (dependencies) on a, b from t; alter statistics s.ab set statistics 20;
create statistics lower_c on lower(c), (a + b) from t;
create statistics other on a, p from u;
