-- Who adds to stretches that are made already waits, and is waited for.
SELECT pg_advisory_xact_lock(%(lock)s)
