create table p (a int not null constraint p_a unique); create table t (a int references p (a));
