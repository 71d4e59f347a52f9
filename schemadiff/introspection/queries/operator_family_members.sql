-- Operators and functions that were added to a family by themselves. A class has its own in its definition: of these
-- only the addresses are wanted, without a name, for what they depend on.
SELECT CASE WHEN p.objid IS NULL THEN 'pg_opfamily'::regclass ELSE 'pg_opclass'::regclass END::oid,
       coalesce(p.refobjid, m.family),
       CASE WHEN p.objid IS NULL THEN m.name END,
       m.definition,
       m.classid::oid,
       m.oid,
       '{}'::oid[],
       '{}'::oid[]
FROM (
    SELECT 'pg_amop'::regclass, a.oid, a.amopfamily,
           format('OPERATOR %%s %%s', a.amopstrategy, s.arguments),
           format(
               'OPERATOR %%s %%s%%s', a.amopstrategy, a.amopopr::regoperator,
               ' FOR ORDER BY ' || quote_ident(xn.nspname) || '.' || quote_ident(x.opfname)
           )
    FROM pg_amop a
    CROSS JOIN LATERAL format(
        '(%%s, %%s)', format_type(a.amoplefttype, NULL), format_type(a.amoprighttype, NULL)
    ) s (arguments)
    LEFT JOIN pg_opfamily x ON x.oid = a.amopsortfamily
    LEFT JOIN pg_namespace xn ON xn.oid = x.opfnamespace
    WHERE a.oid >= 16384
    UNION ALL
    SELECT 'pg_amproc'::regclass, a.oid, a.amprocfamily,
           format('FUNCTION %%s %%s', a.amprocnum, s.arguments),
           format('FUNCTION %%s %%s %%s', a.amprocnum, s.arguments, a.amproc::regprocedure)
    FROM pg_amproc a
    CROSS JOIN LATERAL format(
        '(%%s, %%s)', format_type(a.amproclefttype, NULL), format_type(a.amprocrighttype, NULL)
    ) s (arguments)
    WHERE a.oid >= 16384
) m (classid, oid, family, name, definition)
JOIN pg_opfamily f ON f.oid = m.family
LEFT JOIN pg_depend p
       ON p.classid = m.classid AND p.objid = m.oid AND p.refclassid = 'pg_opclass'::regclass
WHERE f.opfnamespace = ANY(%(schemas)s::oid[])
