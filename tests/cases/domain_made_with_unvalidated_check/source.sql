create domain amount as int constraint above_all check (value > -9); alter domain amount add constraint a_positive check (value > 0) not valid; create table bill (total amount);
