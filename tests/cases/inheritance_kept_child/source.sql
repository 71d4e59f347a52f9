create table child (id int, a text, b int);
