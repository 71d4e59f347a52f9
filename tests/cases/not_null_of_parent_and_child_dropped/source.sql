create table thing (code text, size int, kept int); create table tool (code text, weight int, kept int not null) inherits (thing); create table saw (kept int not null) inherits (tool);
