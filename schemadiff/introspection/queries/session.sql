-- How the definitions are printed must not depend on who reads them, nor reading wait for ever.
SELECT set_config('search_path', '', true),             -- so that every name in a definition is qualified
       set_config('TimeZone', 'UTC', true),             -- constants in defaults, checks, partition bounds
       set_config('DateStyle', 'ISO, YMD', true),
       set_config('IntervalStyle', 'postgres', true),
       set_config('extra_float_digits', '3', true),
       set_config('bytea_output', 'hex', true),
       set_config('quote_all_identifiers', 'off', true),
       set_config('jit', 'off', true),                  -- compiling these queries takes longer than running them
       -- nor is starting a helper worth it, which would look all relations up again
       set_config('max_parallel_workers_per_gather', '0', true),
       set_config('work_mem', '64MB', true),             -- to sort columns without files
       set_config('lock_timeout', %(lock_timeout)s, true),
       set_config('statement_timeout', %(statement_timeout)s, true)
