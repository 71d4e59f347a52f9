-- What belongs to no schema and says how programs and rows are kept and run: languages, transforms,
-- access methods, event triggers.
SELECT o.classid::oid, o.oid, o.kind, '', o.name, o.definition, o.settings, d.description
FROM (
    SELECT 'pg_language'::regclass, l.oid, 'language', l.lanname,
           concat(
               'CREATE ', CASE WHEN l.lanpltrusted THEN 'TRUSTED ' END, format('PROCEDURAL LANGUAGE %%I', l.lanname),
               ' HANDLER ' || nullif(l.lanplcallfoid, 0)::regproc,
               ' INLINE ' || nullif(l.laninline, 0)::regproc,
               ' VALIDATOR ' || nullif(l.lanvalidator, 0)::regproc
           ),
           '{}'::text[]
    FROM pg_language l
    WHERE l.lanispl
    UNION ALL
    SELECT 'pg_transform'::regclass, t.oid, 'transform', s.name,
           format(
               'CREATE TRANSFORM FOR %%s (%%s)', s.name,
               concat_ws(
                   ', ',
                   'FROM SQL WITH FUNCTION ' || nullif(t.trffromsql, 0)::regprocedure,
                   'TO SQL WITH FUNCTION ' || nullif(t.trftosql, 0)::regprocedure
               )
           ),
           '{}'::text[]
    FROM pg_transform t
    JOIN pg_language l ON l.oid = t.trflang
    CROSS JOIN LATERAL (
        SELECT format('%%s LANGUAGE %%I', format_type(t.trftype, NULL), l.lanname)
    ) s (name)
    UNION ALL
    SELECT 'pg_am'::regclass, m.oid, 'access method', m.amname,
           format(
               'CREATE ACCESS METHOD %%I TYPE %%s HANDLER %%s',
               m.amname, CASE m.amtype WHEN 't' THEN 'TABLE' ELSE 'INDEX' END, m.amhandler
           ),
           '{}'::text[]
    FROM pg_am m
    UNION ALL
    SELECT 'pg_event_trigger'::regclass, e.oid, 'event trigger', e.evtname,
           concat(
               format('CREATE EVENT TRIGGER %%I ON %%s', e.evtname, e.evtevent),
               E'\n    WHEN TAG IN (' || (
                   SELECT string_agg(quote_literal(tag), ', ' ORDER BY place) FROM unnest(e.evttags) WITH ORDINALITY tag (tag, place)
               ) || ')',
               E'\n    EXECUTE FUNCTION ' || e.evtfoid::regproc || '()'
           ),
           CASE e.evtenabled
               WHEN 'D' THEN ARRAY[ARRAY['enabled', 'disabled']]
               WHEN 'R' THEN ARRAY[ARRAY['enabled', 'replica']]
               WHEN 'A' THEN ARRAY[ARRAY['enabled', 'always']]
               ELSE '{}'::text[]
           END
    FROM pg_event_trigger e
) o (classid, oid, kind, name, definition, settings)
LEFT JOIN pg_description d ON d.classoid = o.classid AND d.objoid = o.oid AND d.objsubid = 0
WHERE o.oid >= 16384
  AND NOT EXISTS (  -- members of an extension
      SELECT FROM pg_depend e
      WHERE e.classid = o.classid AND e.objid = o.oid
        AND e.refclassid = 'pg_extension'::regclass AND e.deptype = 'e'
  )
