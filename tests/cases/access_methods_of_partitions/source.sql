create access method heap2 type table handler heap_tableam_handler;
create table parted (a text, b int) partition by list (a) using heap2;
create table parted_a partition of parted for values in ('a');
create table parted_b partition of parted for values in ('b') using heap;
create table parted_c partition of parted for values in ('c') partition by list (b);
alter table parted_c set access method default;
create table parted_c_1 partition of parted_c for values in (1);
create table heaped (a text) partition by list (a) using heap;
create table heaped_a partition of heaped for values in ('a');
