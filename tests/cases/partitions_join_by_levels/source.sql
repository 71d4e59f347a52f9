create table log (id bigint, at date, kind text, primary key (id, at, kind)) partition by range (at);
create table log_1 partition of log for values from ('2024-01-01') to ('2024-02-01');
create table log_2 partition of log for values from ('2024-02-01') to ('2024-03-01') partition by list (kind);
create table log_2_a partition of log_2 for values in ('a');
create table log_rest partition of log default;
create index log_kind on log (kind);
create table old (id bigint, at date, kind text, constraint old_id primary key (id, at, kind));
create table note (id bigint, at date, kind text, foreign key (id, at, kind) references log on delete cascade);
