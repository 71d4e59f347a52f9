-- The array types that come with base types: more addresses of them, without a name.
SELECT 'pg_type'::regclass::oid, t.oid, NULL, NULL, 'pg_type'::regclass::oid, t.typarray, '{}'::oid[], '{}'::oid[]
FROM pg_type t
WHERE t.typtype = 'b' AND t.typarray <> 0 AND t.oid >= 16384 AND t.typnamespace = ANY(%(schemas)s::oid[])
