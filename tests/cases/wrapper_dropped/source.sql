create function handle() returns fdw_handler language internal as 'int4in';
create foreign data wrapper v handler handle;
