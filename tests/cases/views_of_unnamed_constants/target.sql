create table q();
