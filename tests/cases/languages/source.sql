create function handle() returns language_handler language internal as 'fmgr_sql_validator';
create trusted language other handler handle validator plpgsql_validator;
create language fresh handler plpgsql_call_handler inline plpgsql_inline_handler;
create function f() returns int language other as 'begin return 1; end';
create function g() returns int language fresh as 'begin return 1; end';
comment on language fresh is 'fresh';
