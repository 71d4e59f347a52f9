create extension vector;
create table t (v vector(3));
create function f(vector) returns vector language sql as $$ select $1 $$;
create function g(vector, vector) returns bool language sql immutable as $$ select true $$;
create operator === (leftarg = vector, rightarg = vector, function = g);
create aggregate s(vector) (sfunc = vector_add, stype = vector);
create cast (vector as json) with inout;
