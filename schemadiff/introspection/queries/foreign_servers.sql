-- Foreign-data wrappers, servers and user mappings. The value of an option that looks like a secret is never
-- selected; a wrapper's option may have any name, so a few too many are taken for one.
WITH object (classid, oid, kind, name, definition, settings, options) AS (
    SELECT 'pg_foreign_data_wrapper'::regclass, w.oid, 'foreign-data wrapper', w.fdwname::text,
           format('CREATE FOREIGN DATA WRAPPER %%I', w.fdwname),
           ARRAY(
               SELECT ARRAY[word, function::regproc::text]
               FROM (VALUES ('handler', w.fdwhandler), ('validator', w.fdwvalidator)) called (word, function)
               WHERE function <> 0
           ),
           w.fdwoptions
    FROM pg_foreign_data_wrapper w
    UNION ALL
    SELECT 'pg_foreign_server'::regclass, s.oid, 'server', s.srvname::text,
           concat(
               format('CREATE SERVER %%I', s.srvname),
               ' TYPE ' || quote_literal(s.srvtype),
               format(' FOREIGN DATA WRAPPER %%I', w.fdwname)
           ),
           CASE WHEN s.srvversion IS NULL THEN '{}'::text[] ELSE ARRAY[ARRAY['version', s.srvversion]] END,
           s.srvoptions
    FROM pg_foreign_server s JOIN pg_foreign_data_wrapper w ON w.oid = s.srvfdw
    UNION ALL
    SELECT 'pg_user_mapping'::regclass, m.umid, 'user mapping', n.name, 'CREATE USER MAPPING FOR ' || n.name,
           '{}'::text[], m.umoptions
    FROM pg_user_mappings m
    CROSS JOIN LATERAL (
        SELECT format('%%s SERVER %%I', CASE m.umuser WHEN 0 THEN 'PUBLIC' ELSE quote_ident(m.usename) END, m.srvname)
    ) n (name)
    WHERE has_table_privilege('pg_user_mapping', 'SELECT')  -- else named: whether there are options is not to be seen
)
SELECT o.classid::oid, o.oid, o.kind, '', o.name, o.definition,
       o.settings || ARRAY(
           SELECT CASE
               WHEN option_name ~* %(secret_names)s OR option_name ~* 'key$' OR option_value ~* %(secret_values)s
               THEN ARRAY['secret option ' || option_name, 'set']
               ELSE ARRAY['option ' || option_name, option_value]
           END
           FROM pg_options_to_table(o.options)
       ),
       d.description
FROM object o
LEFT JOIN pg_description d ON d.classoid = o.classid AND d.objoid = o.oid AND d.objsubid = 0
WHERE o.oid >= 16384
  AND NOT EXISTS (  -- members of an extension
      SELECT FROM pg_depend e
      WHERE e.classid = o.classid AND e.objid = o.oid
        AND e.refclassid = 'pg_extension'::regclass AND e.deptype = 'e'
  )
