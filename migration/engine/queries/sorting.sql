-- The database's default collation. Columns that not every version has are read by name from the whole row.
SELECT coalesce(to_jsonb(d) ->> 'datlocprovider', 'c'),
       coalesce(to_jsonb(d) ->> 'datlocale', to_jsonb(d) ->> 'daticulocale', d.datcollate),
       d.datctype,
       to_jsonb(d) ->> 'datcollversion'
FROM pg_catalog.pg_database d
WHERE d.datname = current_database()
