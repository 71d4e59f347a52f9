create collation german (locale = 'C.UTF-8');
create collation "Plain" (locale = 'C');
comment on collation german is 'g';
