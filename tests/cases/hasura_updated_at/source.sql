create function set_current_timestamp_updated_at() returns trigger language plpgsql as $$
declare
  _new record;
begin
  _new := new;
  _new."updated_at" = now();
  return _new;
end;
$$;
create table articles (id uuid not null default gen_random_uuid() primary key, title text not null, updated_at timestamptz not null default now());
create table authors (id uuid not null default gen_random_uuid() primary key, updated_at timestamptz not null default now());
create trigger set_public_articles_updated_at before update on articles for each row execute function set_current_timestamp_updated_at();
comment on trigger set_public_articles_updated_at on articles is 'trigger to set value of column "updated_at" to current timestamp on row update';
