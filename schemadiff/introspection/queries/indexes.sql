-- Indexes of tables and materialized views. Printing one takes PostgreSQL long, for it looks through all operator classes
-- to leave out the default one. That of a plain index (on columns and one expression at most, with nothing that btree and
-- hash do not have by themselves) is NULL: plain_definitions.py makes it.
-- An expression is printed as that of the table's likeness: one for whose columns' names the server has looked already.
SELECT i.indexrelid,
       i.indrelid,
       ((i.indkey::int2[])[0:i.indnkeyatts - 1])::text,
       -- of a plain index: all that its definition depends on, but for names and the columns' types
       CASE WHEN p.plain THEN concat_ws('/', m.amname, i.indclass, i.indcollation, i.indoption) END,
       -- with an expression: what it is (how it begins says whether it stands in parentheses), and the predicate
       CASE WHEN p.plain AND (i.indexprs IS NOT NULL OR i.indpred IS NOT NULL) THEN
           json_build_array(split_part(i.indexprs::text, ' :args', 1), e.expression, e.predicate)::text
       END,
       -- from here on without OIDs, so that the same index in two databases is the same row
       n.nspname,
       c.relname,
       CASE WHEN NOT p.plain AND (i.indpred IS NULL OR e.predicate IS NOT NULL) THEN
           pg_get_indexdef(i.indexrelid)
       END,
       CASE WHEN p.plain THEN i.indkey::text END,
       CASE WHEN p.plain THEN i.indoption::text END,
       m.amname,
       i.indisunique,
       e.predicate,
       i.indisvalid,
       i.indisclustered,
       i.indisreplident,
       ts.spcname,
       CASE WHEN i.indexprs IS NOT NULL THEN (  -- only expressions have statistics of their own
           SELECT json_agg(json_build_array(a.attnum, a.attstattarget) ORDER BY a.attnum)::text
           FROM pg_attribute a
           WHERE a.attrelid = i.indexrelid AND a.attstattarget >= 0  -- the default is -1 up to 16, NULL since
       ) END,
       pn.nspname,
       pc.relname,
       -- what PostgreSQL makes a share's name of: the names of the columns of the parent's index
       CASE WHEN pc.oid IS NOT NULL THEN (
           SELECT string_agg(a.attname, '_' ORDER BY a.attnum) FROM pg_attribute a WHERE a.attrelid = pc.oid
       ) END,
       d.description
FROM (  -- before anything is printed
    SELECT *
    FROM pg_index
    WHERE indislive              -- being dropped concurrently
      AND indrelid = ANY(%(relations)s::oid[])
      AND NOT EXISTS (           -- owned by a constraint, which is listed instead
          SELECT FROM pg_constraint k WHERE k.conindid = indexrelid AND k.contype IN ('p', 'u', 'x')
      )
    OFFSET 0
) i
JOIN unnest(%(relations)s::oid[], %(likenesses)s::oid[]) r (oid, likeness) ON r.oid = i.indrelid
JOIN pg_class c ON c.oid = i.indexrelid
JOIN pg_namespace n ON n.oid = c.relnamespace
JOIN pg_am m ON m.oid = c.relam
CROSS JOIN LATERAL (  -- a whole row is printed as its table
    SELECT CASE
        WHEN i.indexprs::text LIKE '%%:varattno 0 %%' OR i.indpred::text LIKE '%%:varattno 0 %%' THEN r.oid
        ELSE r.likeness
    END
    OFFSET 0
) o (oid)
CROSS JOIN LATERAL (
    SELECT pg_get_expr(i.indexprs, o.oid), pg_get_expr(i.indpred, o.oid) OFFSET 0
) e (expression, predicate)
CROSS JOIN LATERAL (
    SELECT o.oid = r.likeness
       AND (i.indpred IS NULL OR e.predicate IS NOT NULL)  -- the likeness was dropped
       AND cardinality(array_positions(i.indkey::int2[], 0::int2)) < 2
       AND i.indnatts = i.indnkeyatts        -- INCLUDE
       AND NOT i.indisunique                 -- NULLS NOT DISTINCT, which has no column before 15
       AND c.relkind = 'i'                   -- ON ONLY
       AND c.reloptions IS NULL
       AND m.amname IN ('btree', 'hash')
       AND 16384 > ALL (i.indclass::oid[])   -- initdb's operator classes of these two have no parameters
    OFFSET 0
) p (plain)
LEFT JOIN pg_tablespace ts ON ts.oid = c.reltablespace
LEFT JOIN pg_inherits h ON c.relispartition AND h.inhrelid = c.oid
LEFT JOIN pg_class pc ON pc.oid = h.inhparent
LEFT JOIN pg_namespace pn ON pn.oid = pc.relnamespace
LEFT JOIN pg_description d ON d.classoid = 'pg_class'::regclass AND d.objoid = c.oid AND d.objsubid = 0
