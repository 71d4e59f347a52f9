-- What following has to know of a source table: its kind, how its rows are named in the log, and by which index.
SELECT c.relkind, c.relpersistence, c.relreplident,
       (SELECT a.attname FROM pg_catalog.pg_attribute a
        WHERE a.attrelid = c.oid AND a.attgenerated <> '' AND a.attname::text = ANY (%(columns)s)
        ORDER BY a.attnum LIMIT 1) AS generated,
       (SELECT array_agg(a.attname::text ORDER BY k.place)
        FROM pg_catalog.pg_index i, unnest((i.indkey::int2[])[0:i.indnkeyatts - 1]) WITH ORDINALITY AS k (attnum, place)
        JOIN pg_catalog.pg_attribute a ON a.attrelid = c.oid AND a.attnum = k.attnum
        WHERE i.indrelid = c.oid AND i.indisvalid AND i.indimmediate
          AND CASE c.relreplident WHEN 'd' THEN i.indisprimary WHEN 'i' THEN i.indisreplident ELSE false END) AS identity,
       -- A unique index that could name the rows, if there is one.
       (SELECT i.indexrelid::pg_catalog.regclass::text FROM pg_catalog.pg_index i
        WHERE i.indrelid = c.oid AND i.indisunique AND i.indisvalid AND i.indimmediate
          AND i.indpred IS NULL AND i.indexprs IS NULL AND NOT EXISTS (
            SELECT FROM unnest((i.indkey::int2[])[0:i.indnkeyatts - 1]) AS k (attnum)
            JOIN pg_catalog.pg_attribute a ON a.attrelid = c.oid AND a.attnum = k.attnum
            WHERE NOT a.attnotnull)
        ORDER BY NOT i.indisprimary, i.indnkeyatts, i.indexrelid LIMIT 1) AS candidate,
       pg_catalog.pg_get_userbyid(c.relowner), pg_catalog.pg_has_role(c.relowner, 'USAGE'),
       EXISTS (SELECT FROM pg_catalog.pg_inherits h WHERE h.inhparent = c.oid AND c.relkind = 'r')
FROM pg_catalog.pg_class c
WHERE c.oid = pg_catalog.to_regclass(%(table)s)
