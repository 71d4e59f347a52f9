create type rank as enum ('high', 'low', 'middle');
create table task (id int primary key, rank rank);
create index task_rank on task (rank);
create materialized view tasks as select rank, count(*) from task group by rank;
create unique index tasks_rank on tasks (rank);
