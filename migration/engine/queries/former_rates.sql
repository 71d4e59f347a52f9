-- Rows a second of one stream, for each run and source table of which enough was carried to say so.
SELECT run, source_schema, source_table, (sum(rows) / sum(seconds))::float8
FROM schemadiff.chunks
WHERE rows IS NOT NULL AND seconds IS NOT NULL
GROUP BY run, source_schema, source_table
HAVING sum(seconds) >= 0.2 AND sum(rows) > 0
ORDER BY run, source_schema, source_table
