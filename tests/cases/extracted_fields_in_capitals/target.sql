create table sale (at timestamptz not null);
