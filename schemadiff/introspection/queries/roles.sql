-- The server's roles, who owns the database, and who reads it.
SELECT ARRAY(SELECT rolname::text FROM pg_roles ORDER BY rolname COLLATE "C"),
       pg_get_userbyid(datdba),
       current_user::text
FROM pg_database
WHERE datname = current_database()
