create schema e; create extension vector schema e;
create table t (v e.vector(3));
create function g(e.vector, e.vector) returns bool language sql immutable as $$ select true $$;
create operator ### (leftarg = e.vector, rightarg = e.vector, function = g);
