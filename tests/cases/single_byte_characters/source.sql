create table mark (id integer primary key, grade integer, kind text, state "char", marks "char"[]);
