create schema a; create schema "B c";
create collation a.own (locale = 'C'); create text search dictionary "B c".d (template = simple); create text search configuration a.cfg (parser = "default");
alter text search configuration a.cfg add mapping for word with "B c".d;
create function a.same(int, int) returns boolean language sql as 'select $1 = $2'; create operator "B c".=== (function = a.same, leftarg = int, rightarg = int);
create conversion a.latin for 'LATIN1' to 'UTF8' from iso8859_1_to_utf8;
