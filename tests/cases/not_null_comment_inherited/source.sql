create table above (a int not null); create table below () inherits (above);
comment on constraint above_a_not_null on above is 'never empty';
comment on constraint above_a_not_null on below is 'so it is here';
