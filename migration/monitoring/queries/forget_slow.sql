-- Slow statements that are old, and all but the heaviest of each project and day.
DELETE FROM migration_slowstatement
WHERE day < %(oldest)s OR id IN (
    SELECT id FROM (
        SELECT id, row_number() OVER (PARTITION BY project_id, day ORDER BY total DESC, id) AS place
        FROM migration_slowstatement
    ) AS ranked WHERE place > %(most)s)
