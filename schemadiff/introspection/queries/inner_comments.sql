-- Comments on what is no object of its own: by the address of the object that it belongs to.
SELECT 'pg_constraint'::regclass::oid, k.oid, 0, 'its index', '', d.description
FROM pg_description d
JOIN pg_constraint k ON k.conindid = d.objoid AND k.contype IN ('p', 'u', 'x')
WHERE d.classoid = 'pg_class'::regclass AND d.objsubid = 0
UNION ALL
-- of an identity column; a sequence of its own has no such dependency
SELECT d.classoid, d.objoid, 0, 'its sequence', '', d.description
FROM pg_description d
JOIN pg_class c ON c.oid = d.objoid AND c.relkind = 'S'
JOIN pg_depend i ON i.classid = d.classoid AND i.objid = c.oid AND i.deptype = 'i'
WHERE d.classoid = 'pg_class'::regclass AND d.objsubid = 0
UNION ALL
SELECT d.classoid, d.objoid, d.objsubid, 'attribute', a.attname, d.description
FROM pg_description d
JOIN pg_class c ON c.oid = d.objoid AND c.relkind = 'c'
JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = d.objsubid
WHERE d.classoid = 'pg_class'::regclass
UNION ALL
SELECT d.classoid, d.objoid, 0, 'constraint', k.conname, d.description
FROM pg_description d
JOIN pg_constraint k ON k.oid = d.objoid AND k.contypid <> 0
WHERE d.classoid = 'pg_constraint'::regclass
