-- Seconds a row of runs that have finished, from begin to end. A run that follows goes on as long as people want, one
-- that was put back has another end in the ledger, and one that was resumed has stood still: its chunks lie apart.
SELECT (extract(epoch FROM r.changed_at - r.started_at) / c.rows)::float8
FROM schemadiff.runs r
JOIN (
    SELECT run, sum(rows) AS rows, max(copied_at) - min(copied_at) AS copying, sum(seconds) AS busy
    FROM schemadiff.chunks WHERE rows IS NOT NULL GROUP BY run
) c ON c.run = r.id
WHERE r.phase = 'finish' AND c.rows > 0
  AND NOT coalesce((r.spec ->> 'live')::boolean, false)
  AND c.copying <= make_interval(secs => c.busy + 60)
ORDER BY r.started_at, r.id
