create table item (id int primary key, colour text not null, constraint colours check (colour = any (array['red', 'green'])));
