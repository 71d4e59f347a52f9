create type pair as (name text, size integer, more boolean);
create table t (id integer, ps pair[] default '{}', more pair[]);
