-- Quantiles of calls' durations over time, by backend, of merged sketches: as bins, which the caller turns into
-- milliseconds. The series of all methods together (an empty part) are read only.
WITH merged AS (
    SELECT series.backend, bucket.at, bin.k, sum(bin.n) AS n
    FROM migration_bucket AS bucket
    JOIN migration_series AS series ON series.id = bucket.series_id
    CROSS JOIN LATERAL unnest(bucket.keys, bucket.counts) AS bin(k, n)
    WHERE series.project_id = %(project)s AND series.metric = 'calls' AND series.part = ''
      AND (%(application)s::bigint IS NULL OR series.application_id = %(application)s)
      AND (%(module)s::text IS NULL OR series.module = %(module)s)
      AND bucket.level = %(level)s AND bucket.at >= %(since)s
    GROUP BY series.backend, bucket.at, bin.k
),
reached AS (
    SELECT backend, at, k, sum(n) OVER (PARTITION BY backend, at ORDER BY k) AS so_far,
           sum(n) OVER (PARTITION BY backend, at) AS calls
    FROM merged
)
SELECT backend, at,
       min(k) FILTER (WHERE so_far > 0.50 * (calls - 1)),
       min(k) FILTER (WHERE so_far > 0.95 * (calls - 1)),
       min(k) FILTER (WHERE so_far > 0.99 * (calls - 1))
FROM reached GROUP BY backend, at ORDER BY at, backend
