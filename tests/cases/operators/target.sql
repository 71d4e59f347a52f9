create function eq(int, int) returns boolean language sql immutable as 'select $1 = $2';
create function ne(int, int) returns boolean language sql immutable as 'select $1 <> $2';
create operator === (function = eq, leftarg = int, rightarg = int, commutator = ===, merges, hashes);
create operator !== (function = ne, leftarg = int, rightarg = int, restrict = eqsel, join = neqjoinsel);
create operator ~~~ (function = eq, leftarg = int, rightarg = int);
