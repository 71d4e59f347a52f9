create table mark (id integer primary key, grade "char", kind "char", state text, marks "char");
