create table t (id bigint primary key, a text, b varchar(50), c int, d numeric(12,2), e timestamptz, f jsonb, g text[],
    h uuid, i boolean, j date);
