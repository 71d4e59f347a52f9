-- Adds slow statements to those of the day.
INSERT INTO migration_slowstatement AS kept
    (project_id, application_id, backend, day, digest, statement, count, total, highest, last_seen)
SELECT %(project)s, NULL::bigint, backend, (%(at)s::timestamptz AT TIME ZONE 'UTC')::date, digest, statement, count, total, highest, %(at)s
FROM jsonb_to_recordset(%(rows)s::jsonb) AS given(
    backend text, digest text, statement text, count bigint, total float8, highest float8)
ORDER BY backend, digest
ON CONFLICT (project_id, backend, day, digest) WHERE application_id IS NULL DO UPDATE SET
    count = kept.count + EXCLUDED.count,
    total = kept.total + EXCLUDED.total,
    highest = greatest(kept.highest, EXCLUDED.highest),
    last_seen = greatest(kept.last_seen, EXCLUDED.last_seen)
