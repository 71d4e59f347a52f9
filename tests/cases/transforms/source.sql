create language other handler plpgsql_call_handler;
create function of_box(internal) returns internal language internal immutable as 'int4in';
create function to_box(internal) returns box language internal immutable as 'box_recv';
create transform for box language other (from sql with function of_box(internal), to sql with function to_box(internal));
create transform for int language other (from sql with function of_box(internal));
create function f(box) returns int language other transform for type box as 'x';
comment on transform for int language other is 'i';
