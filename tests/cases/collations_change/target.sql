create table word (w text primary key, up text generated always as (upper(w)) stored);
create index word_up on word (up);
create view words as select w from word order by w;
