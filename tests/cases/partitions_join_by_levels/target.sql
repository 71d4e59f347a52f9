create table log (id bigint, at date, kind text, primary key (id, at, kind)) partition by range (at);
create table old partition of log for values from ('2023-01-01') to ('2024-01-01');
create table log_1 (id bigint, at date, kind text, primary key (id, at, kind));
create index log_1_by_kind on log_1 (kind);
create table log_2 (id bigint, at date, kind text, primary key (id, at, kind));
create table log_2_a (id bigint not null, at date not null, kind text not null);
