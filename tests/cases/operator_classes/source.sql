create function cmp(int, int) returns int language sql immutable as 'select btint4cmp($1, $2)';
create operator family numbers using btree;
create operator class down for type int using btree family numbers as operator 1 >, operator 2 >=, operator 3 =, operator 4 <=, operator 5 <, function 1 cmp(int, int);
alter operator family numbers using btree add operator 1 > (int, bigint), operator 3 = (int, bigint), function 1 (int, bigint) btint48cmp(int, bigint);
create operator class hashed for type int using hash as operator 1 =, function 1 hashint4(int);
create operator class empty for type int using gist as storage int;
create operator class dist for type point using gist as operator 1 <<, operator 15 <-> for order by float_ops, function 1 gist_point_consistent(internal, point, smallint, oid, internal), function 2 gist_box_union(internal, internal), function 3 gist_point_compress(internal), function 5 gist_box_penalty(internal, internal, internal), function 6 gist_box_picksplit(internal, internal), function 7 gist_box_same(box, box, internal), function 8 gist_point_distance(internal, point, smallint, oid, internal), storage box;
comment on operator family numbers using btree is 'n'; comment on operator class down using btree is 'd';
