create table accounts (id bigint primary key, name text);
create function accounts_after_insert_row_tr() returns trigger language plpgsql as $$ begin return null; end $$;
create trigger accounts_after_insert_row_tr after insert on accounts for each row execute function accounts_after_insert_row_tr();
create function accounts_before_update_row_tr() returns trigger language plpgsql as $$ begin return new; end $$;
create trigger accounts_before_update_row_tr before update of name on accounts for each row execute function accounts_before_update_row_tr();
