create table hits (at date not null, n int) partition by range (at);
create table hits_01 (at date not null, n int);
create table hits_02 partition of hits for values from ('2024-02-01') to ('2024-03-01');
create table hits_03 partition of hits for values from ('2024-03-01') to ('2024-04-01');
create table hits_rest partition of hits default;
create index hits_n on hits (n);
