create function a(n int) returns int language sql begin atomic select n + 1; end;
create function b(n int) returns int language sql begin atomic select a(n) * 2; end;
