create type state as enum ('open', 'done');
create table task (id int, state state) partition by list (state);
create table task_open partition of task for values in ('open') partition by range (id);
create table task_open_1 partition of task_open for values from (0) to (9);
create table note (id int, state state default 'open');
create view open_tasks as select id from task where state = 'open';
