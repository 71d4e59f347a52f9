-- Names of objects that have an owner, access list or label and are not compared themselves.
SELECT i.type, i.identity
FROM unnest(%(classes)s::oid[], %(objects)s::oid[], %(columns)s::oid[]) WITH ORDINALITY AS o (class, object, sub, place)
CROSS JOIN LATERAL pg_identify_object(o.class, o.object, o.sub::int) i
ORDER BY o.place
