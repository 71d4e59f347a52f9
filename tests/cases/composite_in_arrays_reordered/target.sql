create type pair as (size integer, name text);
create table t (id integer, ps pair[] default '{}', more pair[]);
