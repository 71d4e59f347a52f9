-- Notes that a process's report of this number has come. No row where it, or a later one, had come before: a process
-- sends its reports in their order, each until it knows that it arrived.
INSERT INTO migration_reportreceipt AS kept (application_id, process, number, at)
VALUES (%(application)s, %(process)s, %(number)s, %(now)s)
ON CONFLICT (application_id, process) DO UPDATE SET number = EXCLUDED.number, at = EXCLUDED.at
WHERE kept.number < EXCLUDED.number
