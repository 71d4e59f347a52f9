create language other handler plpgsql_call_handler;
create language stale handler plpgsql_call_handler;
create function f() returns int language other as 'begin return 1; end';
create function h() returns int language stale as 'begin return 1; end';
