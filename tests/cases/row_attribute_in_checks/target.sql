create table item (id int, label text, extra int);
create table basket (id int, items item[], one item, constraint named check ((one).extra is not null));
create domain real_item as item check ((value).extra > 0) check ((value).id > 0);
create table dd (x real_item);
create view bv as select b.id, (b.one).extra as label from basket b;
