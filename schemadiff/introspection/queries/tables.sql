-- Ordinary and partitioned tables, partitions included, and foreign tables. The value of an option that
-- looks like a secret is never selected.
SELECT c.oid,
       c.reltype,
       r.typarray,
       n.nspname,
       c.relname,
       c.relpersistence::text,
       CASE WHEN c.relkind = 'p' THEN pg_get_partkeydef(c.oid) END,
       pn.nspname,
       p.relname,
       pg_get_expr(c.relpartbound, c.oid),
       h.parents,
       tn.nspname,
       t.typname,
       c.relrowsecurity,
       c.relforcerowsecurity,
       coalesce(c.reloptions, '{}') || ARRAY(SELECT 'toast.' || o FROM unnest(s.reloptions) o),
       CASE CASE WHEN c.relkind <> 'f' THEN c.relreplident END
           WHEN 'f' THEN 'full'
           WHEN 'n' THEN 'nothing'
           WHEN 'i' THEN CASE
               WHEN EXISTS (SELECT FROM pg_index k WHERE k.indrelid = c.oid AND k.indisreplident) THEN 'index'
               ELSE 'nothing'  -- the index is gone, and this is what it comes to
           END
           ELSE 'default'
       END,
       d.description,
       c.reltuples::bigint,
       -- a partitioned table may say heap (since 17): what its partitions get
       CASE WHEN m.amname <> 'heap' OR c.relkind = 'p' THEN m.amname END,
       ts.spcname,  -- none: the database's own
       v.srvname,
       CASE WHEN f.ftoptions IS NOT NULL THEN (
           SELECT json_object_agg(option_name, CASE
               WHEN option_name !~* %(secret_names)s AND option_value !~* %(secret_values)s THEN option_value
           END)
           FROM pg_options_to_table(f.ftoptions)
       )::text END
FROM pg_class c
JOIN pg_namespace n ON n.oid = c.relnamespace
LEFT JOIN pg_type r ON r.oid = c.reltype
LEFT JOIN pg_class s ON s.oid = c.reltoastrelid AND s.reloptions IS NOT NULL
LEFT JOIN pg_inherits i ON c.relispartition AND i.inhrelid = c.oid
LEFT JOIN pg_class p ON p.oid = i.inhparent
LEFT JOIN pg_namespace pn ON pn.oid = p.relnamespace
LEFT JOIN (  -- plain inheritance: a partition has one parent
    SELECT k.inhrelid, array_agg(ARRAY[kn.nspname::text, kc.relname::text] ORDER BY k.inhseqno) AS parents
    FROM pg_inherits k
    JOIN pg_class kc ON kc.oid = k.inhparent AND kc.relkind IN ('r', 'f')
    JOIN pg_namespace kn ON kn.oid = kc.relnamespace
    GROUP BY k.inhrelid
) h ON h.inhrelid = c.oid
LEFT JOIN pg_type t ON c.reloftype <> 0 AND t.oid = c.reloftype
LEFT JOIN pg_namespace tn ON tn.oid = t.typnamespace
LEFT JOIN pg_am m ON m.oid = c.relam
LEFT JOIN pg_tablespace ts ON ts.oid = c.reltablespace
LEFT JOIN pg_foreign_table f ON c.relkind = 'f' AND f.ftrelid = c.oid
LEFT JOIN pg_foreign_server v ON v.oid = f.ftserver
LEFT JOIN pg_description d ON d.classoid = 'pg_class'::regclass AND d.objoid = c.oid AND d.objsubid = 0
WHERE c.relkind IN ('r', 'p', 'f')
  AND c.relnamespace = ANY(%(schemas)s::oid[])
  AND NOT EXISTS (  -- members of an extension
      SELECT FROM pg_depend e
      WHERE e.classid = 'pg_class'::regclass AND e.objid = c.oid
        AND e.refclassid = 'pg_extension'::regclass AND e.deptype = 'e'
  )
