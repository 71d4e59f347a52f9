create schema gone;
create collation gone.own (locale = 'C'); create text search configuration gone.cfg (copy = simple); create operator family gone.f using hash;
create function gone.same(int, int) returns boolean language sql as 'select $1 = $2'; create operator gone.=== (function = gone.same, leftarg = int, rightarg = int);
