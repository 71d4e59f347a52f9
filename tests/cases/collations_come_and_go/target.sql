create collation german (locale = 'C');
create collation apart (lc_collate = 'C', lc_ctype = 'POSIX');
comment on collation apart is 'a';
