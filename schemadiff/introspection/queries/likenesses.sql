-- Fails if a column of a table that others were printed as has another name by now: rows are those of the transaction's
-- snapshot, while this function, and what prints expressions, looks at the newest state.
SELECT count(has_column_privilege(a.attrelid, a.attname::text, 'SELECT'))
FROM pg_attribute a
WHERE a.attrelid = ANY(%(standing_for_others)s::oid[])
  AND a.attnum > 0
  AND NOT a.attisdropped
