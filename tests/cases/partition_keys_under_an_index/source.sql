create table ferry (line text, trip int, seats int) partition by list (line);
create table ferry_a partition of ferry (primary key (line, trip)) for values in ('a');
create table ferry_b partition of ferry (unique (line, trip)) for values in ('b');
create table ferry_c partition of ferry for values in ('c');
create unique index ferry_trip on ferry (line, trip);
create table ticket (line text, trip int, foreign key (line, trip) references ferry_a);
