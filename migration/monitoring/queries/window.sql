-- What was seen of a project's series since a moment, in fine buckets: added up, with what the newest bucket says.
WITH chosen AS (
    SELECT bucket.series_id, bucket.at, bucket.count, bucket.total, bucket.lowest, bucket.highest,
           bucket.keys, bucket.counts
    FROM migration_bucket AS bucket
    JOIN migration_series AS series ON series.id = bucket.series_id
    WHERE series.project_id = %(project)s
      AND (series.metric <> 'calls' OR series.part = '') AND series.metric <> 'method_errors'
      AND bucket.level = 10 AND bucket.at >= %(since)s
),
figures AS (
    SELECT series_id, max(at) AS newest, least(sum(count), 9223372036854775807)::bigint AS count, sum(total) AS total,
           (array_agg(lowest ORDER BY at DESC))[1] AS lowest_now,
           (array_agg(highest ORDER BY at DESC))[1] AS highest_now
    FROM chosen GROUP BY series_id
),
bins AS (
    SELECT series_id, bin.k, least(sum(bin.n), 9223372036854775807)::bigint AS n
    FROM chosen CROSS JOIN LATERAL unnest(keys, counts) AS bin(k, n)
    GROUP BY series_id, bin.k
),
sketches AS (
    SELECT series_id, array_agg(k ORDER BY k) AS keys, array_agg(n ORDER BY k) AS counts
    FROM bins GROUP BY series_id
)
SELECT series.metric, coalesce(application.name || ' · ' || application.environment, ''), series.module,
       series.backend, series.part, newest, count, total, lowest_now, highest_now,
       coalesce(keys, '{}'), coalesce(counts, '{}')
FROM figures
JOIN migration_series AS series ON series.id = figures.series_id
LEFT JOIN migration_application AS application ON application.id = series.application_id
LEFT JOIN sketches ON sketches.series_id = figures.series_id
ORDER BY series.metric, series.id
