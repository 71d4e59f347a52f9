-- Adds observations, given as a JSON array, to the fine buckets of their series; the order of the rows is that of
-- the locks, so that two reports at once wait for one another instead of deadlocking.
INSERT INTO migration_bucket AS kept
    (series_id, level, at, count, total, lowest, highest, last, keys, counts)
SELECT series_id, %(level)s, %(at)s, count, total, lowest, highest, last, keys, counts
FROM jsonb_to_recordset(%(rows)s::jsonb) AS given(
    series_id bigint, count bigint, total float8, lowest float8, highest float8, last float8,
    keys integer[], counts bigint[])
ORDER BY series_id
ON CONFLICT (series_id, level, at) DO UPDATE SET
    count = least(kept.count::numeric + EXCLUDED.count, 9223372036854775807)::bigint,
    total = kept.total + EXCLUDED.total,
    lowest = least(kept.lowest, EXCLUDED.lowest),
    highest = greatest(kept.highest, EXCLUDED.highest),
    last = EXCLUDED.last,
    (keys, counts) = (
        SELECT coalesce(array_agg(k ORDER BY k), '{}'), coalesce(array_agg(n ORDER BY k), '{}')
        FROM (
            SELECT k, least(sum(n), 9223372036854775807)::bigint AS n
            FROM (
                SELECT * FROM unnest(kept.keys, kept.counts) AS bin(k, n)
                UNION ALL
                SELECT * FROM unnest(EXCLUDED.keys, EXCLUDED.counts) AS bin(k, n)
            ) AS both_of_them
            GROUP BY k
        ) AS merged)
