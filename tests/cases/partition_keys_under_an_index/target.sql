create table ticket (line text, trip int);
