create function cmp(int, int) returns int language plpgsql immutable as $$begin return btint4cmp($2, $1); end$$;
create function comp(int, int) returns int language sql immutable as 'select btint4cmp($2, $1)';
create operator class down for type int using btree as operator 1 >, operator 2 >=, operator 3 =, operator 4 <=, operator 5 <, function 1 comp(int, int);
create table t (a int primary key, b int);
create index i on t (b down); create unique index j on t (b down, a) where b > 0;
create table u (a int, exclude using btree (a down with =));
