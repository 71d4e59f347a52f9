create function b(n int) returns int language sql begin atomic select n * 2; end;
create function a(n int) returns int language sql begin atomic select b(n) + 1; end;
