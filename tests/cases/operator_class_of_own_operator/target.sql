create function lesser(int, int) returns boolean language sql immutable as 'select $1 > $2';
create operator <<< (function = lesser, leftarg = int, rightarg = int);
create function lesserb(int, bigint) returns boolean language sql immutable as 'select $1 > $2';
create operator <<< (function = lesserb, leftarg = int, rightarg = bigint);
create operator class own for type int using btree as operator 1 <<<, operator 3 =, function 1 btint4cmp(int, int);
alter operator family own using btree add operator 1 <<< (int, bigint);
create table t (a int); create index i on t (a own);
