create type e as enum ('x', 'y'); alter type e owner to case_anna; grant usage on type e to case_ben; revoke usage on type e from public; create table t (a e); grant select on t to case_cleo;
