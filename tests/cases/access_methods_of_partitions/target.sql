create access method heap2 type table handler heap_tableam_handler;
create table parted (a text, b int) partition by list (a);
create table parted_a partition of parted for values in ('a');
create table heaped (a text) partition by list (a) using heap2;
create table heaped_a partition of heaped for values in ('a') using heap;
