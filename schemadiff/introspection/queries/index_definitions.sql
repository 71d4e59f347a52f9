-- Definitions of these indexes.
SELECT i.oid, pg_get_indexdef(i.oid)
FROM unnest(%(indexes)s::oid[]) i (oid)
