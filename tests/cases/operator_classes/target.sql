create operator family numbers using btree;
alter operator family numbers using btree add operator 3 = (int, smallint), operator 3 = (int, bigint);
create operator class hashed for type int using hash as operator 1 =, function 1 hashint4(int), function 2 hashint4extended(int, bigint);
create operator class gone for type text using btree as operator 1 ~<~, operator 3 =, function 1 bttext_pattern_cmp(text, text);
