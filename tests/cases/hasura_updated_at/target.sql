create function set_current_timestamp_updated_at() returns trigger language plpgsql as $$
begin
  new.updated_at = now();
  return new;
end;
$$;
create table articles (id uuid not null default gen_random_uuid() primary key, title text not null, updated_at timestamptz not null default now());
create table authors (id uuid not null default gen_random_uuid() primary key, updated_at timestamptz not null default now());
create trigger set_public_authors_updated_at before update on authors for each row execute function set_current_timestamp_updated_at();
