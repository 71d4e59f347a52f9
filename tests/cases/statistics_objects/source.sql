create schema s; create table t (id int primary key, a bigint, b int, c text); create table u (a int, b int, p int) partition by list (p);
create statistics s.ab (dependencies, ndistinct) on a, b from t;
create statistics lower_c on lower(c), (a + b) from t; alter statistics lower_c set statistics 300;
create statistics one (mcv) on a, b from u; comment on statistics one is 'mcv';
