-- The server's roles and tablespaces, whose the database is and where, and who reads it.
SELECT ARRAY(SELECT rolname::text FROM pg_roles ORDER BY rolname COLLATE "C"),
       pg_get_userbyid(datdba),
       current_user::text,
       ARRAY(SELECT spcname::text FROM pg_tablespace ORDER BY spcname COLLATE "C"),
       (SELECT spcname::text FROM pg_tablespace s WHERE s.oid = dattablespace)
FROM pg_database
WHERE datname = current_database()
