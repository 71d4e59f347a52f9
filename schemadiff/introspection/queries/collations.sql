-- Collations and conversions. What a newer version keeps in a column of another name is asked for by name in JSON.
SELECT o.classid::oid, o.oid, o.kind, n.nspname, o.name, o.definition, '{}'::text[], d.description
FROM (
    SELECT 'pg_collation'::regclass, c.oid, 'collation', c.collnamespace, c.collname,
           format(
               'CREATE COLLATION %%I.%%I (%%s)', n.nspname, c.collname,
               concat_ws(
                   ', ',
                   'provider = ' || CASE c.collprovider WHEN 'i' THEN 'icu' WHEN 'b' THEN 'builtin' ELSE 'libc' END,
                   CASE WHEN NOT c.collisdeterministic THEN 'deterministic = false' END,
                   CASE
                       -- since 17 one column for all providers but libc, since 15 ICU's, before it was libc's
                       WHEN c.collprovider <> 'c' THEN 'locale = ' || quote_literal(
                           coalesce(j.row ->> 'colllocale', j.row ->> 'colliculocale', c.collcollate)
                       )
                       WHEN c.collcollate = c.collctype THEN 'locale = ' || quote_literal(c.collcollate)
                       ELSE format('lc_collate = %%L, lc_ctype = %%L', c.collcollate, c.collctype)
                   END,
                   'rules = ' || quote_literal(j.row ->> 'collicurules')  -- since 16
               )
           )
    FROM pg_collation c
    JOIN pg_namespace n ON n.oid = c.collnamespace
    CROSS JOIN LATERAL to_jsonb(c) j (row)
    WHERE c.collencoding IN (-1, pg_char_to_encoding(getdatabaseencoding()))  -- others cannot be used here
    UNION ALL
    SELECT 'pg_conversion'::regclass, c.oid, 'conversion', c.connamespace, c.conname,
           format(
               'CREATE %%sCONVERSION %%I.%%I FOR %%L TO %%L FROM %%s',
               CASE WHEN c.condefault THEN 'DEFAULT ' END, n.nspname, c.conname,
               pg_encoding_to_char(c.conforencoding), pg_encoding_to_char(c.contoencoding), c.conproc::regproc
           )
    FROM pg_conversion c JOIN pg_namespace n ON n.oid = c.connamespace
) o (classid, oid, kind, namespace, name, definition)
JOIN pg_namespace n ON n.oid = o.namespace
LEFT JOIN pg_description d ON d.classoid = o.classid AND d.objoid = o.oid AND d.objsubid = 0
WHERE o.oid >= 16384
  AND o.namespace = ANY(%(schemas)s::oid[])
  AND NOT EXISTS (  -- members of an extension
      SELECT FROM pg_depend e
      WHERE e.classid = o.classid AND e.objid = o.oid
        AND e.refclassid = 'pg_extension'::regclass AND e.deptype = 'e'
  )
