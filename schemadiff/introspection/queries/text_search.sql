-- Text search parsers, templates, dictionaries and configurations (their mappings: text_search_members.sql).
SELECT o.classid::oid, o.oid, o.kind, n.nspname, o.name, o.definition, '{}'::text[], d.description
FROM (
    SELECT 'pg_ts_parser'::regclass, p.oid, 'text search parser', p.prsnamespace, p.prsname,
           format(
               E'CREATE TEXT SEARCH PARSER %%I.%%I (\n    %%s\n)', n.nspname, p.prsname,
               concat_ws(
                   E',\n    ',
                   'START = ' || p.prsstart::regproc,
                   'GETTOKEN = ' || p.prstoken::regproc,
                   'END = ' || p.prsend::regproc,
                   'HEADLINE = ' || nullif(p.prsheadline, 0)::regproc,
                   'LEXTYPES = ' || p.prslextype::regproc
               )
           )
    FROM pg_ts_parser p JOIN pg_namespace n ON n.oid = p.prsnamespace
    UNION ALL
    SELECT 'pg_ts_template'::regclass, t.oid, 'text search template', t.tmplnamespace, t.tmplname,
           format(
               E'CREATE TEXT SEARCH TEMPLATE %%I.%%I (\n    %%s\n)', n.nspname, t.tmplname,
               concat_ws(
                   E',\n    ',
                   'INIT = ' || nullif(t.tmplinit, 0)::regproc,
                   'LEXIZE = ' || t.tmpllexize::regproc
               )
           )
    FROM pg_ts_template t JOIN pg_namespace n ON n.oid = t.tmplnamespace
    UNION ALL
    SELECT 'pg_ts_dict'::regclass, d.oid, 'text search dictionary', d.dictnamespace, d.dictname,
           format(
               E'CREATE TEXT SEARCH DICTIONARY %%I.%%I (\n    %%s\n)', n.nspname, d.dictname,
               concat_ws(
                   E',\n    ',
                   'TEMPLATE = ' || format('%%I.%%I', m.nspname, t.tmplname),
                   d.dictinitoption
               )
           )
    FROM pg_ts_dict d
    JOIN pg_namespace n ON n.oid = d.dictnamespace
    JOIN pg_ts_template t ON t.oid = d.dicttemplate
    JOIN pg_namespace m ON m.oid = t.tmplnamespace
    UNION ALL
    SELECT 'pg_ts_config'::regclass, c.oid, 'text search configuration', c.cfgnamespace, c.cfgname,
           format(
               E'CREATE TEXT SEARCH CONFIGURATION %%I.%%I (\n    PARSER = %%I.%%I\n)',
               n.nspname, c.cfgname, m.nspname, p.prsname
           )
    FROM pg_ts_config c
    JOIN pg_namespace n ON n.oid = c.cfgnamespace
    JOIN pg_ts_parser p ON p.oid = c.cfgparser
    JOIN pg_namespace m ON m.oid = p.prsnamespace
) o (classid, oid, kind, namespace, name, definition)
JOIN pg_namespace n ON n.oid = o.namespace
LEFT JOIN pg_description d ON d.classoid = o.classid AND d.objoid = o.oid AND d.objsubid = 0
WHERE o.oid >= 16384                           -- below are initdb's objects
  AND o.namespace = ANY(%(schemas)s::oid[])
  AND NOT EXISTS (                             -- members of an extension
      SELECT FROM pg_depend e
      WHERE e.classid = o.classid AND e.objid = o.oid
        AND e.refclassid = 'pg_extension'::regclass AND e.deptype = 'e'
  )
