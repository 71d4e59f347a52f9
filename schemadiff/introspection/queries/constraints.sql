-- Primary and foreign keys, unique, check and exclusion constraints of tables.
-- NOT NULL has rows here since 18 (contype n); the column's attnotnull says it on every version.
-- A constraint trigger's row (contype t) is left to triggers.sql.
-- The definition of what has but columns is NULL: plain_definitions.py makes it. A check is printed as that of the table's
-- likeness: one for whose columns' names the server has looked already.
SELECT k.oid,
       k.conrelid,
       k.conindid,
       k.conkey::text,
       CASE WHEN k.contype = 'f' THEN k.confrelid END,
       k.confkey::text,
       -- from here on without OIDs, so that the same constraint in two databases is the same row
       k.conname,
       k.contype::text,
       CASE
           WHEN p.plain THEN NULL
           WHEN k.contype = 'c' AND k.convalidated AND NOT k.connoinherit
               AND k.conbin::text NOT LIKE '%%:varattno 0 %%'  -- a whole row is printed as its table
               THEN coalesce('CHECK (' || pg_get_expr(k.conbin, r.likeness) || ')', pg_get_constraintdef(k.oid))
           ELSE pg_get_constraintdef(k.oid)
       END,
       CASE WHEN p.plain THEN k.confdeltype::text END,
       rn.nspname,
       rc.relname,
       -- of a table that is read, the columns' names are known
       CASE WHEN k.contype = 'f' AND k.confrelid <> ALL(%(relations)s::oid[]) THEN (
           SELECT json_agg(a.attname ORDER BY key.place)::text
           FROM unnest(k.confkey) WITH ORDINALITY key (number, place)
           JOIN pg_attribute a ON a.attrelid = k.confrelid AND a.attnum = key.number
       ) END,
       k.convalidated,
       CASE WHEN k.contype <> 'f' THEN array_to_json(x.reloptions)::text END,
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
JOIN unnest(%(relations)s::oid[], %(likenesses)s::oid[]) r (oid, likeness) ON r.oid = k.conrelid
-- a foreign key's conindid is the index that it refers to
LEFT JOIN pg_class x ON x.oid = k.conindid
LEFT JOIN pg_index i ON k.contype <> 'f' AND i.indexrelid = x.oid
LEFT JOIN pg_tablespace ts ON k.contype <> 'f' AND ts.oid = x.reltablespace
LEFT JOIN pg_inherits h ON k.contype <> 'f' AND x.relispartition AND h.inhrelid = x.oid
LEFT JOIN pg_class pc ON pc.oid = h.inhparent
LEFT JOIN pg_namespace pn ON pn.oid = pc.relnamespace
LEFT JOIN pg_class rc ON k.contype = 'f' AND rc.oid = k.confrelid
LEFT JOIN pg_namespace rn ON rn.oid = rc.relnamespace
LEFT JOIN pg_description d ON d.classoid = 'pg_constraint'::regclass AND d.objoid = k.oid AND d.objsubid = 0
CROSS JOIN LATERAL (
    SELECT NOT k.condeferrable
       AND x.relam = 403  -- btree: a key WITHOUT OVERLAPS has another method, which a foreign key with PERIOD refers to
       AND CASE k.contype
               WHEN 'p' THEN i.indnatts = i.indnkeyatts AND x.reloptions IS NULL
               -- SET NULL and SET DEFAULT may be of some columns, which have no column before 15
               WHEN 'f' THEN k.confmatchtype = 's' AND k.confupdtype = 'a' AND k.confdeltype IN ('a', 'c', 'r')
                             AND k.convalidated AND k.confrelid = ANY(%(relations)s::oid[])
               ELSE false
           END
) p (plain)
WHERE k.contype IN ('p', 'u', 'c', 'x', 'f')
  AND (k.conparentid = 0 OR k.contype IN ('p', 'u', 'x'))  -- a partition's share of a foreign key
  -- a check that a partition inherits, unless it is valid and its parent's is not
  AND NOT (
      k.contype = 'c' AND NOT k.conislocal
      AND EXISTS (SELECT FROM pg_class c WHERE c.oid = k.conrelid AND c.relispartition)
      AND NOT (k.convalidated AND EXISTS (
          SELECT
          FROM pg_inherits up
          JOIN pg_constraint above ON above.conrelid = up.inhparent AND above.contype = 'c' AND above.conname = k.conname
          WHERE up.inhrelid = k.conrelid AND pg_get_constraintdef(above.oid) LIKE '%% NOT VALID'
      ))
  )
