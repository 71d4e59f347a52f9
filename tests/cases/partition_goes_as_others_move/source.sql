create table reading (station int not null, taken date not null, level numeric(8,2), primary key (station, taken)) partition by list (station);
create table reading_1 partition of reading for values in (1, 11);
create table alarm (station int, taken date, foreign key (station, taken) references reading on delete cascade);
