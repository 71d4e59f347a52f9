create table users (id bigint primary key);
create table orders (id bigint primary key, user_id bigint, constraint fk_rails_f868b47f6a foreign key (user_id) references users (id) on delete cascade);
