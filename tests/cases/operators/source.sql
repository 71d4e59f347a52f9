create function eq(int, int) returns boolean language sql immutable as 'select $1 = $2';
create function ne(int, int) returns boolean language sql immutable as 'select $1 <> $2';
create function minus(int) returns int language sql immutable as 'select -$1';
create operator === (function = eq, leftarg = int, rightarg = int, commutator = ===, negator = !==, restrict = eqsel, join = eqjoinsel, merges, hashes);
create operator !== (function = ne, leftarg = int, rightarg = int, negator = ===, restrict = neqsel);
create operator !- (function = minus, rightarg = int);
comment on operator === (int, int) is 'equal'; comment on operator !- (none, int) is 'prefix';
