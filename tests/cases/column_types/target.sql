create table t (id int primary key, a varchar(20), b varchar(20), c text, d numeric(10,2), e timestamp, f text, g varchar(5)[],
    h text, i int, j timestamptz);
