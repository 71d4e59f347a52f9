-- One row for each module, method and backend over the whole stretch of time; quantiles as bins, as in durations.sql.
WITH chosen AS (
    SELECT series.module, series.part AS method, series.backend, bucket.count, bucket.total, bucket.highest,
           bucket.keys, bucket.counts
    FROM migration_bucket AS bucket
    JOIN migration_series AS series ON series.id = bucket.series_id
    WHERE series.project_id = %(project)s AND series.metric = 'calls' AND series.part <> ''
      AND (%(application)s::bigint IS NULL OR series.application_id = %(application)s)
      AND (%(module)s::text IS NULL OR series.module = %(module)s)
      AND bucket.level = %(level)s AND bucket.at >= %(since)s
),
figures AS (
    SELECT module, method, backend, sum(count)::bigint AS calls, sum(total) AS total, max(highest) AS highest
    FROM chosen GROUP BY module, method, backend
),
merged AS (
    SELECT module, method, backend, bin.k, sum(bin.n) AS n
    FROM chosen CROSS JOIN LATERAL unnest(keys, counts) AS bin(k, n)
    GROUP BY module, method, backend, bin.k
),
reached AS (
    SELECT module, method, backend, k, sum(n) OVER (PARTITION BY module, method, backend ORDER BY k) AS so_far,
           sum(n) OVER (PARTITION BY module, method, backend) AS calls
    FROM merged
),
quantiles AS (
    SELECT module, method, backend,
           min(k) FILTER (WHERE so_far > 0.50 * (calls - 1)) AS p50,
           min(k) FILTER (WHERE so_far > 0.95 * (calls - 1)) AS p95,
           min(k) FILTER (WHERE so_far > 0.99 * (calls - 1)) AS p99
    FROM reached GROUP BY module, method, backend
),
failed AS (
    SELECT series.module, series.part AS method, series.backend, sum(bucket.count)::bigint AS errors
    FROM migration_bucket AS bucket
    JOIN migration_series AS series ON series.id = bucket.series_id
    WHERE series.project_id = %(project)s AND series.metric = 'method_errors'
      AND (%(application)s::bigint IS NULL OR series.application_id = %(application)s)
      AND bucket.level = %(level)s AND bucket.at >= %(since)s
    GROUP BY series.module, series.part, series.backend
)
SELECT module, method, backend, calls, total, highest, p50, p95, p99, coalesce(errors, 0)
FROM figures LEFT JOIN quantiles USING (module, method, backend) LEFT JOIN failed USING (module, method, backend)
ORDER BY module, method, backend
