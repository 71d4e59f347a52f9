-- Sequences with the column that they belong to: 'a' owned (serial), 'i' an identity column's.
-- pg_sequence rather than the view pg_sequences, which hides options from roles without privileges.
SELECT c.oid,
       n.nspname,
       c.relname,
       format_type(s.seqtypid, NULL),
       s.seqstart,
       s.seqincrement,
       s.seqmin,
       s.seqmax,
       s.seqcache,
       s.seqcycle,
       c.relpersistence::text,
       -- an identity column's follows its table, until somebody says otherwise (since 15)
       o.deptype = 'i' AND c.relpersistence <> t.relpersistence
           AND current_setting('server_version_num')::integer >= 150000,
       o.deptype::text,
       o.refobjid,
       o.refobjsubid,
       d.description
FROM pg_sequence s
JOIN pg_class c ON c.oid = s.seqrelid
JOIN pg_namespace n ON n.oid = c.relnamespace
LEFT JOIN pg_depend o
       ON o.classid = 'pg_class'::regclass AND o.objid = c.oid AND o.objsubid = 0
      AND o.refclassid = 'pg_class'::regclass AND o.refobjsubid > 0 AND o.deptype IN ('a', 'i')
LEFT JOIN pg_class t ON t.oid = o.refobjid
LEFT JOIN pg_description d ON d.classoid = 'pg_class'::regclass AND d.objoid = c.oid AND d.objsubid = 0
WHERE c.relnamespace = ANY(%(schemas)s::oid[])
  AND NOT EXISTS (  -- members of an extension
      SELECT FROM pg_depend e
      WHERE e.classid = 'pg_class'::regclass AND e.objid = c.oid
        AND e.refclassid = 'pg_extension'::regclass AND e.deptype = 'e'
  )
