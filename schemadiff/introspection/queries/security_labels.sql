-- Security labels; those of databases, roles and tablespaces are the whole server's.
SELECT s.classoid, s.objoid, s.objsubid, s.provider, s.label
FROM pg_seclabel s
