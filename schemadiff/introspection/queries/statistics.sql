-- Extended statistics objects of tables and materialized views.
SELECT s.oid,
       s.stxrelid,
       n.nspname,
       s.stxname,
       -- PostgreSQL keeps the columns in the table's order, whatever was said: here by name, whatever that order is
       CASE WHEN k.in_order IS NULL THEN f.definition
            ELSE overlay(
                f.definition PLACING k.by_name
                FROM position(concat(' ON ', k.in_order) IN f.definition) + 4 FOR length(k.in_order)
            )
       END,
       CASE WHEN s.stxstattarget >= 0 THEN s.stxstattarget::integer END,  -- the default is -1 up to 16, NULL since
       d.description
FROM pg_statistic_ext s
JOIN pg_class c ON c.oid = s.stxrelid
JOIN pg_namespace n ON n.oid = s.stxnamespace
CROSS JOIN LATERAL (SELECT pg_get_statisticsobjdef(s.oid) AS definition) f
CROSS JOIN LATERAL (
    SELECT string_agg(quote_ident(a.attname), ', ' ORDER BY a.attnum) AS in_order,
           string_agg(quote_ident(a.attname), ', ' ORDER BY a.attname COLLATE "C") AS by_name
    FROM pg_attribute a
    WHERE a.attrelid = s.stxrelid AND a.attnum = ANY(s.stxkeys)
) k
LEFT JOIN pg_description d ON d.classoid = 'pg_statistic_ext'::regclass AND d.objoid = s.oid AND d.objsubid = 0
WHERE s.stxrelid = ANY(%(relations)s::oid[])
  AND c.relkind IN ('r', 'p', 'm', 'f')
