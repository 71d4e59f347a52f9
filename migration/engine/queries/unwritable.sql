-- What the role lacks to write to these tables and to read them again: a right, or that of the schema; in their order.
-- Tables that are not there yet are left out. (A schema that may not be used hides its tables from to_regclass.)
SELECT CASE
    WHEN NOT has_schema_privilege(n.oid, 'USAGE') THEN format('USAGE ON SCHEMA %%I', n.nspname)
    ELSE format('SELECT, INSERT ON %%I.%%I', n.nspname, c.relname)
END
FROM unnest(%(schemas)s::text[], %(names)s::text[]) WITH ORDINALITY AS wanted (schema, name, place)
JOIN pg_catalog.pg_namespace n ON n.nspname = wanted.schema
JOIN pg_catalog.pg_class c ON c.relnamespace = n.oid AND c.relname = wanted.name
WHERE NOT has_schema_privilege(n.oid, 'USAGE')
    OR NOT has_table_privilege(c.oid, 'SELECT')
    OR NOT has_table_privilege(c.oid, 'INSERT')
ORDER BY wanted.place
