-- Extensions. Their members are left out by every other query: the version says what they are.
SELECT x.oid, x.extname, n.nspname, x.extversion
FROM pg_extension x
JOIN pg_namespace n ON n.oid = x.extnamespace
WHERE x.extname <> 'plpgsql'  -- initdb puts it into every database; pg_dump does not write it either
