create table item (id int, label text);
create table basket (id int, items item[], one item, constraint named check ((one).id > 0));
create domain real_item as item check ((value).id > 0);
create table dd (x real_item);
create view bv as select b.id, (b.one).label from basket b;
