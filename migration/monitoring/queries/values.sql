-- Everything but quantiles over time: counts and sums added up over applications and modules, the worst of gauges.
SELECT series.metric, series.backend, series.part, bucket.at, least(sum(bucket.count), 9223372036854775807)::bigint, sum(bucket.total),
       min(bucket.lowest), max(bucket.highest)
FROM migration_bucket AS bucket
JOIN migration_series AS series ON series.id = bucket.series_id
WHERE series.project_id = %(project)s
  AND (series.metric = ANY(%(metrics)s) OR (series.metric = 'calls' AND series.part = ''))
  AND (series.application_id IS NULL OR %(application)s::bigint IS NULL OR series.application_id = %(application)s)
  AND (series.application_id IS NULL OR %(module)s::text IS NULL OR series.module IN ('', %(module)s)
       AND (series.module = %(module)s OR series.metric LIKE 'pool%%'))
  AND bucket.level = %(level)s AND bucket.at >= %(since)s
GROUP BY series.metric, series.backend, series.part, bucket.at
ORDER BY series.metric, series.backend, series.part, bucket.at
