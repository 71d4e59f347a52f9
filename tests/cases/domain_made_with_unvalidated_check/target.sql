create table bill (total int);
