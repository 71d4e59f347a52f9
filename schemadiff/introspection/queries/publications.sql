-- Publications, without their tables and schemas (published_tables.sql, published_schemas.sql). Of the settings only
-- those that are not as a plain CREATE PUBLICATION makes them.
SELECT 'pg_publication'::regclass::oid,
       p.oid,
       'publication',
       '',
       p.pubname,
       concat(format('CREATE PUBLICATION %%I', p.pubname), CASE WHEN p.puballtables THEN ' FOR ALL TABLES' END),
       ARRAY(
           SELECT ARRAY[setting, said]
           FROM (
               VALUES
                   ('publish', nullif(
                       concat_ws(
                           ', ',
                           CASE WHEN p.pubinsert THEN 'insert' END,
                           CASE WHEN p.pubupdate THEN 'update' END,
                           CASE WHEN p.pubdelete THEN 'delete' END,
                           CASE WHEN p.pubtruncate THEN 'truncate' END
                       ),
                       'insert, update, delete, truncate'
                   )),
                   ('publish_via_partition_root', CASE WHEN p.pubviaroot THEN 'true' END),
                   ('publish_generated_columns', CASE WHEN to_jsonb(p) ->> 'pubgencols' = 's' THEN 'stored' END)  -- 18
           ) settings (setting, said)
           WHERE said IS NOT NULL
       ),
       d.description
FROM pg_publication p
LEFT JOIN pg_description d ON d.classoid = 'pg_publication'::regclass AND d.objoid = p.oid AND d.objsubid = 0
WHERE NOT EXISTS (  -- members of an extension
    SELECT FROM pg_depend e
    WHERE e.classid = 'pg_publication'::regclass AND e.objid = p.oid
        AND e.refclassid = 'pg_extension'::regclass AND e.deptype = 'e'
)
  AND p.pubname !~ '^schemadiff_[0-9a-f]{32}$'  -- by which a run follows
