create language other handler plpgsql_call_handler;
create function of_box(internal) returns internal language internal immutable as 'int4in';
create transform for box language other (from sql with function of_box(internal));
create transform for point language other (from sql with function of_box(internal));
create function f(box) returns int language other transform for type box as 'x';
