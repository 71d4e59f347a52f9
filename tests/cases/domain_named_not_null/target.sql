create domain added as int;
create domain renamed as int constraint "One" not null;
create domain usual as int constraint filled not null constraint little check (value < 10);
create domain unusual as int not null;
create table t (id int primary key, a added, b renamed, c usual, d unusual);
comment on constraint "One" on domain renamed is 'kept';
comment on constraint filled on domain usual is 'goes';
comment on constraint little on domain usual is 'called otherwise';
comment on constraint unusual_not_null on domain unusual is 'goes, too';
