-- Comments on what is no object of its own: by the address of the object that it belongs to.
-- Most comments are on tables and columns: what is on other relations is looked for once.
WITH described AS MATERIALIZED (
    SELECT d.classoid, d.objoid, d.objsubid, d.description, c.relkind
    FROM pg_description d
    JOIN pg_class c ON c.oid = d.objoid AND c.relkind IN ('i', 'I', 'S', 'c')
    WHERE d.classoid = 'pg_class'::regclass
)
SELECT 'pg_constraint'::regclass::oid, k.oid, 0, 'its index', '', d.description
FROM described d
JOIN pg_index x ON x.indexrelid = d.objoid
JOIN pg_constraint k ON k.conrelid = x.indrelid AND k.conindid = d.objoid AND k.contype IN ('p', 'u', 'x')
WHERE d.relkind IN ('i', 'I') AND d.objsubid = 0
UNION ALL
-- of an identity column; a sequence of its own has no such dependency
SELECT d.classoid, d.objoid, 0, 'its sequence', '', d.description
FROM described d
JOIN pg_depend i ON i.classid = d.classoid AND i.objid = d.objoid AND i.deptype = 'i'
WHERE d.relkind = 'S' AND d.objsubid = 0
UNION ALL
SELECT d.classoid, d.objoid, d.objsubid, 'attribute', a.attname, d.description
FROM described d
JOIN pg_attribute a ON a.attrelid = d.objoid AND a.attnum = d.objsubid
WHERE d.relkind = 'c'
UNION ALL
SELECT d.classoid, d.objoid, 0, 'constraint', k.conname, d.description
FROM pg_description d
JOIN pg_constraint k ON k.oid = d.objoid AND k.contypid <> 0
WHERE d.classoid = 'pg_constraint'::regclass
