create table "Post" (id integer not null, constraint "Post_pkey" primary key (id));
create table "Tag" (id integer not null, constraint "Tag_pkey" primary key (id));
create table "_PostToTag" ("A" integer not null, "B" integer not null, constraint "_PostToTag_AB_pkey" primary key ("A", "B"));
create index "_PostToTag_B_index" on "_PostToTag" ("B");
alter table "_PostToTag" add constraint "_PostToTag_A_fkey" foreign key ("A") references "Post" (id) on delete cascade on update cascade, add constraint "_PostToTag_B_fkey" foreign key ("B") references "Tag" (id) on delete cascade on update cascade;
