create table t (a int, b int, c int4range, constraint u1 unique (a), constraint u2 unique (b), constraint u3 unique (a, b), constraint x exclude using gist (c with &&), constraint k check (a > 0));
