create table settings (key text primary key, n int, at timestamptz);
