create function lt(text, text) returns boolean language sql immutable as 'select length($1) < length($2)'; create function le(text, text) returns boolean language sql immutable as 'select length($1) <= length($2)';
create function eq(text, text) returns boolean language sql immutable as 'select length($1) = length($2)'; create function ge(text, text) returns boolean language sql immutable as 'select length($1) >= length($2)';
create function gt(text, text) returns boolean language sql immutable as 'select length($1) > length($2)'; create function cmp(text, text) returns int language sql immutable as 'select length($1) - length($2)';
create operator <# (function = lt, leftarg = text, rightarg = text, commutator = >#, negator = >=#); create operator ># (function = gt, leftarg = text, rightarg = text, commutator = <#, negator = <=#);
create operator <=# (function = le, leftarg = text, rightarg = text, commutator = >=#, negator = >#); create operator >=# (function = ge, leftarg = text, rightarg = text, commutator = <=#, negator = <#); create operator =# (function = eq, leftarg = text, rightarg = text, commutator = =#);
create operator class by_length for type text using btree as operator 1 <#, operator 2 <=#, operator 3 =#, operator 4 >=#, operator 5 >#, function 1 cmp(text, text);
create table t (a text, check (a operator(public.<#) 'abcdef')); create index i on t (a by_length); create view v as select a from t order by a using operator(public.<#);
create policy p on t using (a operator(public.>#) 'a');
