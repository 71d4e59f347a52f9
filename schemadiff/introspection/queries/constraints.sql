-- Primary and foreign keys, unique, check and exclusion constraints of tables.
-- NOT NULL has rows here since 18 (contype n); the column's attnotnull says it on every version.
-- A constraint trigger's row (contype t) is left to triggers.sql.
SELECT k.oid,
       k.conrelid,
       k.conindid,
       k.conkey,
       CASE WHEN k.contype = 'f' THEN k.confrelid END,
       k.confkey,
       -- from here on without OIDs, so that the same constraint in two databases is the same row
       k.conname,
       k.contype::text,
       pg_get_constraintdef(k.oid),
       rn.nspname,
       rc.relname,
       -- of a table that is read, the columns' names are known
       CASE WHEN k.contype = 'f' AND k.confrelid <> ALL(%(relations)s::oid[]) THEN (
           SELECT json_agg(a.attname ORDER BY key.place)::text
           FROM unnest(k.confkey) WITH ORDINALITY key (number, place)
           JOIN pg_attribute a ON a.attrelid = k.confrelid AND a.attnum = key.number
       ) END,
       k.convalidated,
       array_to_json(x.reloptions)::text,
       i.indisclustered,
       i.indisreplident,
       ts.spcname,
       k.contype = 'c' AND k.coninhcount > 0,
       k.contype <> 'c' OR k.conislocal,
       pn.nspname,
       pc.relname,
       CASE WHEN pc.oid IS NOT NULL THEN (
           SELECT string_agg(a.attname, '_' ORDER BY a.attnum) FROM pg_attribute a WHERE a.attrelid = pc.oid
       ) END,
       d.description
FROM pg_constraint k
JOIN pg_class c ON c.oid = k.conrelid
-- a foreign key's conindid is the index that it refers to
LEFT JOIN pg_class x ON k.contype IN ('p', 'u', 'x') AND x.oid = k.conindid
LEFT JOIN pg_index i ON i.indexrelid = x.oid
LEFT JOIN pg_tablespace ts ON ts.oid = x.reltablespace
LEFT JOIN pg_inherits h ON x.relispartition AND h.inhrelid = x.oid
LEFT JOIN pg_class pc ON pc.oid = h.inhparent
LEFT JOIN pg_namespace pn ON pn.oid = pc.relnamespace
LEFT JOIN pg_class rc ON k.contype = 'f' AND rc.oid = k.confrelid
LEFT JOIN pg_namespace rn ON rn.oid = rc.relnamespace
LEFT JOIN pg_description d ON d.classoid = 'pg_constraint'::regclass AND d.objoid = k.oid AND d.objsubid = 0
WHERE k.conrelid = ANY(%(relations)s::oid[])
  AND k.contype IN ('p', 'u', 'c', 'x', 'f')
  AND (k.conparentid = 0 OR k.contype IN ('p', 'u', 'x'))  -- a partition's share of a foreign key
  -- a check that a partition inherits, unless it is valid and its parent's is not
  AND NOT (
      k.contype = 'c' AND c.relispartition AND NOT k.conislocal
      AND NOT (k.convalidated AND EXISTS (
          SELECT
          FROM pg_inherits up
          JOIN pg_constraint above ON above.conrelid = up.inhparent AND above.contype = 'c' AND above.conname = k.conname
          WHERE up.inhrelid = k.conrelid AND pg_get_constraintdef(above.oid) LIKE '%% NOT VALID'
      ))
  )
