create table accounts (id bigint primary key, name text);
create function accounts_before_update_row_tr() returns trigger language plpgsql as $$
begin
  new.name := new.name || ', changed';
  return new;
end
$$;
create trigger accounts_before_update_row_tr before update on accounts for each row when (old.name is distinct from new.name) execute function accounts_before_update_row_tr();
