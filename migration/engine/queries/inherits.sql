-- Is the table a partition or child of another, or has it some?
SELECT EXISTS (SELECT FROM pg_catalog.pg_inherits i WHERE pg_catalog.to_regclass(%(table)s) IN (i.inhrelid, i.inhparent))
