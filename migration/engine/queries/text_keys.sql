-- The collations of unique indexes' columns over text, a row for each index and collation.
SELECT n.nspname, c.relname, i.relname, k.oid = 100, cn.nspname || '.' || co.collname,
       co.collprovider, coalesce(to_jsonb(co) ->> 'colllocale', to_jsonb(co) ->> 'colliculocale', co.collcollate),
       co.collctype, co.collisdeterministic, co.collversion, pg_catalog.pg_collation_actual_version(co.oid)
FROM unnest(%(schemas)s::text[], %(names)s::text[]) AS wanted (schema, name)
JOIN pg_catalog.pg_namespace n ON n.nspname = wanted.schema
JOIN pg_catalog.pg_class c ON c.relnamespace = n.oid AND c.relname = wanted.name
JOIN pg_catalog.pg_index x ON x.indrelid = c.oid AND x.indisunique
JOIN pg_catalog.pg_class i ON i.oid = x.indexrelid
CROSS JOIN LATERAL (SELECT DISTINCT o FROM unnest(x.indcollation) AS each (o) WHERE o <> 0) AS k (oid)
JOIN pg_catalog.pg_collation co ON co.oid = k.oid
JOIN pg_catalog.pg_namespace cn ON cn.oid = co.collnamespace
ORDER BY 1, 2, 3, 5
