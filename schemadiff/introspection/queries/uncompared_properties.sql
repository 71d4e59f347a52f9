-- Properties of objects that pg_dump would write and the catalog does not model.
-- Names are asked for last, when few rows are left: regclass prints them qualified and quoted.
WITH relation AS NOT MATERIALIZED (  -- few of them are asked for
    SELECT c.oid, c.relkind
    FROM pg_class c
    WHERE c.relnamespace = ANY(%(schemas)s::oid[])
      AND c.relkind IN ('r', 'p', 'v', 'm', 'S', 'f', 'i', 'I')
      AND NOT EXISTS (  -- members of an extension
          SELECT FROM pg_depend e
          WHERE e.classid = 'pg_class'::regclass AND e.objid = c.oid
        AND e.refclassid = 'pg_extension'::regclass AND e.deptype = 'e'
      )
), found (kind, name) AS (
    -- of an expression of an exclusion constraint's index: the others' are compared
    SELECT 'statistics target', format('%%s.%%I', a.attrelid::regclass, a.attname)
    FROM pg_constraint k
    JOIN relation r ON r.oid = k.conindid
    JOIN pg_attribute a ON a.attrelid = k.conindid
    WHERE k.contype = 'x' AND a.attnum > 0 AND a.attstattarget >= 0  -- the default is -1 up to 16, NULL since
    UNION ALL
    SELECT 'multirange type in another schema', m.oid::regtype::text
    FROM pg_range r
    JOIN pg_type t ON t.oid = r.rngtypid
    JOIN pg_type m ON m.oid = r.rngmultitypid
    WHERE m.typnamespace <> t.typnamespace AND t.typnamespace = ANY(%(schemas)s::oid[])
    UNION ALL
    -- a partition's, whose parent's is NOT ENFORCED (since 18)
    SELECT 'enforced check', format('%%I on %%s', own.conname, own.conrelid::regclass)
    FROM pg_constraint k
    JOIN relation r ON r.oid = k.conrelid
    JOIN pg_inherits i ON i.inhparent = k.conrelid
    JOIN pg_class p ON p.oid = i.inhrelid AND p.relispartition
    JOIN pg_constraint own ON own.conrelid = p.oid AND own.conname = k.conname AND own.contype = 'c'
    WHERE k.contype = 'c' AND NOT k.convalidated AND own.convalidated
      AND pg_get_constraintdef(k.oid) LIKE '%% NOT ENFORCED'
    UNION ALL
    -- what a partition had when its parent got one: PostgreSQL takes it for its share whichever way it goes
    SELECT 'order of a partition''s index', own.indexrelid::regclass::text
    FROM pg_inherits i
    JOIN relation r ON r.oid = i.inhrelid
    JOIN pg_index own ON own.indexrelid = i.inhrelid
    JOIN pg_index parent ON parent.indexrelid = i.inhparent
    WHERE own.indoption <> parent.indoption
    UNION ALL
    SELECT 'comment', concat_ws(' ', i.type, i.identity)
    FROM pg_description d
    CROSS JOIN LATERAL pg_identify_object(d.classoid, d.objoid, d.objsubid) i
    WHERE d.objoid >= 16384
      AND (i.schema IS NULL OR i.schema IN (SELECT nspname FROM pg_namespace WHERE oid = ANY(%(schemas)s::oid[])))
      AND NOT (
          d.classoid IN ('pg_namespace'::regclass, 'pg_trigger'::regclass)
          OR d.classoid = 'pg_class'::regclass
             AND d.objoid IN (  -- members of an extension are left out below
                 SELECT c.oid FROM pg_class c
                 WHERE c.relkind = 'c' OR c.relnamespace = ANY(%(schemas)s::oid[])
                   AND c.relkind IN ('r', 'p', 'v', 'm', 'S', 'f', 'i', 'I')
             )
          OR d.classoid = 'pg_policy'::regclass
          OR d.classoid = 'pg_rewrite'::regclass
             AND d.objoid IN (SELECT w.oid FROM pg_rewrite w JOIN relation r ON r.oid = w.ev_class)
          OR d.classoid = 'pg_statistic_ext'::regclass
             AND d.objoid IN (
                 SELECT s.oid FROM pg_statistic_ext s JOIN relation r ON r.oid = s.stxrelid WHERE r.relkind IN ('r', 'p', 'm', 'f')
             )
          OR d.classoid = 'pg_type'::regclass
             AND d.objoid IN (SELECT t.oid FROM pg_type t WHERE t.typtype IN ('e', 'd', 'c', 'r', 'b', 'p'))
          OR d.classoid = 'pg_proc'::regclass
             AND d.objoid IN (SELECT p.oid FROM pg_proc p)
          OR d.classoid IN (
              'pg_collation'::regclass, 'pg_conversion'::regclass, 'pg_operator'::regclass, 'pg_cast'::regclass,
              'pg_ts_parser'::regclass, 'pg_ts_template'::regclass, 'pg_ts_dict'::regclass,
              'pg_ts_config'::regclass, 'pg_language'::regclass, 'pg_transform'::regclass, 'pg_am'::regclass,
              'pg_event_trigger'::regclass, 'pg_foreign_data_wrapper'::regclass, 'pg_foreign_server'::regclass,
              'pg_opclass'::regclass, 'pg_opfamily'::regclass, 'pg_publication'::regclass, 'pg_subscription'::regclass
          )
          OR d.classoid = 'pg_constraint'::regclass
             AND d.objoid IN (
                 SELECT k.oid FROM pg_constraint k
                 WHERE k.conrelid IN (SELECT r.oid FROM relation r)
                    OR k.contypid <> 0
             )
          -- an extension's comment is its control file's unless somebody changed it
          OR d.classoid = 'pg_extension'::regclass
             AND EXISTS (
                 SELECT FROM pg_extension x JOIN pg_available_extensions v ON v.name = x.extname
                 WHERE x.oid = d.objoid AND v.comment = d.description
             )
      )
      AND NOT EXISTS (  -- members of an extension
          SELECT FROM pg_depend e
          WHERE e.classid = d.classoid AND e.objid = d.objoid
        AND e.refclassid = 'pg_extension'::regclass AND e.deptype = 'e'
      )
    UNION ALL
    SELECT 'comment', format('database %%I', b.datname)
    FROM pg_shdescription d
    JOIN pg_database b ON b.oid = d.objoid AND b.datname = current_database()
    WHERE d.classoid = 'pg_database'::regclass AND d.objoid >= 16384  -- initdb's say what they are
    UNION ALL
    SELECT 'database setting',
           concat_ws(' for ', split_part(setting, '=', 1), CASE WHEN s.setrole <> 0 THEN pg_get_userbyid(s.setrole) END)
    FROM pg_db_role_setting s
    CROSS JOIN LATERAL unnest(s.setconfig) setting
    WHERE s.setdatabase = (SELECT oid FROM pg_database WHERE datname = current_database())
)
SELECT kind, count(*), (array_agg(name ORDER BY name COLLATE "C"))[1:20]
FROM found
GROUP BY kind
