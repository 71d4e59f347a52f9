-- One row for each application, module, method and backend over the whole stretch of time; quantiles as bins, as in
-- durations.sql. Everything is grouped by the series' number: sorting a day's bins by names would take most of the time.
WITH chosen AS (
    SELECT bucket.series_id, bucket.count, bucket.total, bucket.highest, bucket.keys, bucket.counts
    FROM migration_bucket AS bucket
    JOIN migration_series AS series ON series.id = bucket.series_id
    WHERE series.project_id = %(project)s AND series.metric = 'calls' AND series.part <> ''
      AND (%(application)s::bigint IS NULL OR series.application_id = %(application)s)
      AND (%(module)s::text IS NULL OR series.module = %(module)s)
      AND bucket.level = %(level)s AND bucket.at >= %(since)s
),
figures AS (
    SELECT series_id, least(sum(count), 9223372036854775807)::bigint AS calls, sum(total) AS total, max(highest) AS highest
    FROM chosen GROUP BY series_id
),
merged AS (
    SELECT series_id, bin.k, least(sum(bin.n), 9223372036854775807)::bigint AS n
    FROM chosen CROSS JOIN LATERAL unnest(keys, counts) AS bin(k, n)
    GROUP BY series_id, bin.k
),
reached AS (
    SELECT series_id, k, sum(n) OVER (PARTITION BY series_id ORDER BY k) AS so_far,
           sum(n) OVER (PARTITION BY series_id) AS calls
    FROM merged
),
quantiles AS (
    SELECT series_id,
           min(k) FILTER (WHERE so_far > 0.50 * (calls - 1)) AS p50,
           min(k) FILTER (WHERE so_far > 0.95 * (calls - 1)) AS p95,
           min(k) FILTER (WHERE so_far > 0.99 * (calls - 1)) AS p99
    FROM reached GROUP BY series_id
),
failed AS (
    SELECT bucket.series_id, least(sum(bucket.count), 9223372036854775807)::bigint AS errors
    FROM migration_bucket AS bucket
    JOIN migration_series AS series ON series.id = bucket.series_id
    WHERE series.project_id = %(project)s AND series.metric = 'method_errors'
      AND (%(application)s::bigint IS NULL OR series.application_id = %(application)s)
      AND bucket.level = %(level)s AND bucket.at >= %(since)s
    GROUP BY bucket.series_id
)
SELECT application.name, series.module, series.part, series.backend, calls, total, highest, p50, p95, p99,
       coalesce(errors, 0)
FROM figures
JOIN quantiles USING (series_id)
JOIN migration_series AS series ON series.id = figures.series_id
JOIN migration_application AS application ON application.id = series.application_id
LEFT JOIN migration_series AS failing
    ON failing.application_id = series.application_id AND failing.metric = 'method_errors'
    AND (failing.module, failing.part, failing.backend) = (series.module, series.part, series.backend)
LEFT JOIN failed ON failed.series_id = failing.id
ORDER BY application.name, series.module, series.part, series.backend
