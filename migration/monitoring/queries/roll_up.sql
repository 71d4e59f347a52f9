-- Makes the buckets of one level out of those of the finer one, from the last stretches that there are of it: a
-- stretch that is not over is made again the next time. Sketches are merged by adding their bins. A sum
-- that no bigint holds is the largest bigint: one application's odd figures are not to stop everybody's.
WITH begun AS (
    SELECT coalesce(max(at) - %(width)s::interval, '-infinity') AS at
    FROM migration_bucket WHERE level = %(level)s
),
finer AS (
    SELECT series_id, date_bin(%(width)s::interval, bucket.at, 'epoch') AS stretch, bucket.at,
           count, total, lowest, highest, last, keys, counts
    FROM migration_bucket AS bucket CROSS JOIN begun
    WHERE level = %(finer)s AND bucket.at >= begun.at
),
figures AS (
    SELECT series_id, stretch, least(sum(count), 9223372036854775807)::bigint AS count, sum(total) AS total, min(lowest) AS lowest,
           max(highest) AS highest, (array_agg(last ORDER BY at DESC))[1] AS last
    FROM finer GROUP BY series_id, stretch
),
bins AS (
    SELECT series_id, stretch, k, least(sum(n), 9223372036854775807)::bigint AS n
    FROM finer CROSS JOIN LATERAL unnest(keys, counts) AS bin(k, n)
    GROUP BY series_id, stretch, k
),
sketches AS (
    SELECT series_id, stretch, array_agg(k ORDER BY k) AS keys, array_agg(n ORDER BY k) AS counts
    FROM bins GROUP BY series_id, stretch
)
INSERT INTO migration_bucket (series_id, level, at, count, total, lowest, highest, last, keys, counts)
SELECT series_id, %(level)s, stretch, count, total, lowest, highest, last,
       coalesce(keys, '{}'), coalesce(counts, '{}')
FROM figures LEFT JOIN sketches USING (series_id, stretch)
ORDER BY series_id, stretch
ON CONFLICT (series_id, level, at) DO UPDATE SET
    count = EXCLUDED.count, total = EXCLUDED.total, lowest = EXCLUDED.lowest, highest = EXCLUDED.highest,
    last = EXCLUDED.last, keys = EXCLUDED.keys, counts = EXCLUDED.counts
