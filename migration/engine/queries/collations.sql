-- Collations by their names.
SELECT n.nspname || '.' || c.collname, c.collprovider,
       coalesce(to_jsonb(c) ->> 'colllocale', to_jsonb(c) ->> 'colliculocale', c.collcollate), c.collctype,
       c.collisdeterministic, c.collversion, pg_catalog.pg_collation_actual_version(c.oid)
FROM pg_catalog.pg_collation c
JOIN pg_catalog.pg_namespace n ON n.oid = c.collnamespace
WHERE n.nspname || '.' || c.collname = ANY (%s)
    AND (c.collencoding = -1 OR pg_catalog.pg_encoding_to_char(c.collencoding) = pg_catalog.getdatabaseencoding())
ORDER BY 1
