-- Operator families and classes. What belongs to a class is part of its definition, what was added to a family by
-- itself is a member (operator_family_members.sql): pg_depend says which, as for pg_dump.
SELECT o.classid::oid, o.oid, o.kind, n.nspname, o.name, o.definition, '{}'::text[], d.description
FROM (
    SELECT 'pg_opfamily'::regclass, f.oid, 'operator family', f.opfnamespace, s.name,
           format('CREATE OPERATOR FAMILY %%I.%%s', n.nspname, s.name)
    FROM pg_opfamily f
    JOIN pg_namespace n ON n.oid = f.opfnamespace
    JOIN pg_am m ON m.oid = f.opfmethod
    CROSS JOIN LATERAL format('%%I USING %%I', f.opfname, m.amname) s (name)
    UNION ALL
    SELECT 'pg_opclass'::regclass, c.oid, 'operator class', c.opcnamespace, s.name,
           format(
               E'CREATE OPERATOR CLASS %%I.%%I\n    %%sFOR TYPE %%s USING %%I FAMILY %%I.%%I AS\n    %%s',
               n.nspname, c.opcname, CASE WHEN c.opcdefault THEN 'DEFAULT ' END, format_type(c.opcintype, NULL),
               m.amname, fn.nspname, f.opfname,
               concat_ws(
                   E',\n    ',
                   'STORAGE ' || format_type(nullif(c.opckeytype, 0), NULL),
                   (
                       SELECT string_agg(
                           format(
                               'OPERATOR %%s %%s%%s', a.amopstrategy, a.amopopr::regoperator,
                               ' FOR ORDER BY ' || quote_ident(xn.nspname) || '.' || quote_ident(x.opfname)
                           ),
                           E',\n    ' ORDER BY a.amopstrategy, a.amopopr::regoperator::text
                       )
                       FROM pg_depend p
                       JOIN pg_amop a ON a.oid = p.objid
                       LEFT JOIN pg_opfamily x ON x.oid = a.amopsortfamily
                       LEFT JOIN pg_namespace xn ON xn.oid = x.opfnamespace
                       WHERE p.classid = 'pg_amop'::regclass
                         AND p.refclassid = 'pg_opclass'::regclass AND p.refobjid = c.oid
                   ),
                   (
                       SELECT string_agg(
                           format(
                               'FUNCTION %%s (%%s, %%s) %%s', a.amprocnum, format_type(a.amproclefttype, NULL),
                               format_type(a.amprocrighttype, NULL), a.amproc::regprocedure
                           ),
                           E',\n    ' ORDER BY a.amprocnum, a.amproc::regprocedure::text
                       )
                       FROM pg_depend p
                       JOIN pg_amproc a ON a.oid = p.objid
                       WHERE p.classid = 'pg_amproc'::regclass
                         AND p.refclassid = 'pg_opclass'::regclass AND p.refobjid = c.oid
                   ),
                   -- PostgreSQL wants something to be said: what goes without saying does
                   CASE WHEN c.opckeytype = 0 AND NOT EXISTS (
                       SELECT FROM pg_depend p
                       WHERE p.refclassid = 'pg_opclass'::regclass AND p.refobjid = c.oid
                         AND p.classid IN ('pg_amop'::regclass, 'pg_amproc'::regclass)
                   ) THEN 'STORAGE ' || format_type(c.opcintype, NULL) END
               )
           )
    FROM pg_opclass c
    JOIN pg_namespace n ON n.oid = c.opcnamespace
    JOIN pg_am m ON m.oid = c.opcmethod
    JOIN pg_opfamily f ON f.oid = c.opcfamily
    JOIN pg_namespace fn ON fn.oid = f.opfnamespace
    CROSS JOIN LATERAL format('%%I USING %%I', c.opcname, m.amname) s (name)
) o (classid, oid, kind, namespace, name, definition)
JOIN pg_namespace n ON n.oid = o.namespace
LEFT JOIN pg_description d ON d.classoid = o.classid AND d.objoid = o.oid AND d.objsubid = 0
WHERE o.oid >= 16384
  AND o.namespace = ANY(%(schemas)s::oid[])
  AND NOT EXISTS (  -- members of an extension
      SELECT FROM pg_depend e
      WHERE e.classid = o.classid AND e.objid = o.oid
        AND e.refclassid = 'pg_extension'::regclass AND e.deptype = 'e'
  )
