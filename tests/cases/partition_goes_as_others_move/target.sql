create table reading (station int not null, taken date not null, level numeric(6,1) not null, primary key (station, taken)) partition by list (station);
create table reading_1 partition of reading for values in (1);
create table reading_2 partition of reading for values in (2);
create table reading_rest partition of reading default;
create table alarm (station int, taken date, foreign key (station, taken) references reading);
