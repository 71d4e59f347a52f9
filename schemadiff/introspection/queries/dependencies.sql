-- What cannot exist without what, as PostgreSQL recorded it. A member of an extension counts as the extension.
SELECT d.classid,
       d.objid,
       d.objsubid,
       CASE WHEN e.refobjid IS NULL THEN d.refclassid ELSE e.refclassid END,
       coalesce(e.refobjid, d.refobjid),
       CASE WHEN e.refobjid IS NULL THEN d.refobjsubid ELSE 0 END
FROM pg_depend d
LEFT JOIN pg_depend e
       ON e.classid = d.refclassid AND e.objid = d.refobjid AND e.objsubid = 0
        AND e.refclassid = 'pg_extension'::regclass AND e.deptype = 'e'
WHERE d.objid >= 16384 AND d.refobjid >= 16384       -- below are initdb's objects
  -- Not membership in an extension (e). Not what is a part of something (i): row types, an identity's sequence,
  -- the index and the triggers of a constraint; they mean the same object as what they depend on.
  AND d.deptype IN ('n', 'a', 'P', 'S', 'x')
  AND NOT (d.classid = 'pg_attrdef'::regclass AND d.deptype = 'a')  -- a default's own column
  -- A constraint's columns, those that a foreign key refers to and the key there: the constraint names them itself.
  -- Only a check may name what is another relation's: an attribute of a row that it looks into.
  AND NOT (d.classid = 'pg_constraint'::regclass AND d.refclassid = 'pg_class'::regclass AND (
      d.deptype = 'a' OR NOT EXISTS (
          SELECT FROM pg_constraint k
          WHERE k.oid = d.objid AND k.contype = 'c' AND k.conrelid <> d.refobjid
      )
  ))
  -- So does an index, but for the columns that it computes with and those that it includes.
  AND NOT (d.classid = 'pg_class'::regclass AND d.deptype = 'a' AND d.refobjsubid > 0 AND EXISTS (
      SELECT FROM pg_index i
      WHERE i.indexrelid = d.objid AND i.indexprs IS NULL AND i.indpred IS NULL AND i.indnatts = i.indnkeyatts
  ))
  AND d.classid IN (
      'pg_class'::regclass, 'pg_attrdef'::regclass, 'pg_constraint'::regclass, 'pg_rewrite'::regclass,
      'pg_trigger'::regclass, 'pg_proc'::regclass, 'pg_type'::regclass,
      'pg_policy'::regclass, 'pg_statistic_ext'::regclass,
      'pg_ts_parser'::regclass, 'pg_ts_template'::regclass, 'pg_ts_dict'::regclass, 'pg_ts_config'::regclass,
      'pg_collation'::regclass, 'pg_conversion'::regclass, 'pg_operator'::regclass, 'pg_cast'::regclass,
      'pg_language'::regclass, 'pg_transform'::regclass, 'pg_am'::regclass, 'pg_event_trigger'::regclass,
      'pg_foreign_data_wrapper'::regclass, 'pg_foreign_server'::regclass, 'pg_user_mapping'::regclass,
      'pg_opclass'::regclass, 'pg_opfamily'::regclass, 'pg_amop'::regclass, 'pg_amproc'::regclass,
      'pg_publication_rel'::regclass
  )
  AND d.refclassid <> 'pg_namespace'::regclass       -- an object's schema is part of its name
