create table t (a int primary key); alter table t owner to case_ben; create domain d as int constraint k check (value > 0); grant usage on type d to case_anna;
