-- Which families of objects that are a definition and a name the database has any of, besides initdb's.
SELECT family
FROM (
    SELECT 'text_search', EXISTS (SELECT FROM pg_ts_config WHERE oid >= 16384)
                       OR EXISTS (SELECT FROM pg_ts_dict WHERE oid >= 16384)
                       OR EXISTS (SELECT FROM pg_ts_parser WHERE oid >= 16384)
                       OR EXISTS (SELECT FROM pg_ts_template WHERE oid >= 16384)
    UNION ALL
    SELECT 'collations', EXISTS (SELECT FROM pg_collation WHERE oid >= 16384)
                      OR EXISTS (SELECT FROM pg_conversion WHERE oid >= 16384)
    UNION ALL
    SELECT 'operators', EXISTS (SELECT FROM pg_operator WHERE oid >= 16384)
                     OR EXISTS (SELECT FROM pg_cast WHERE oid >= 16384)
    UNION ALL
    SELECT 'operator_classes', EXISTS (SELECT FROM pg_opclass WHERE oid >= 16384)
                            OR EXISTS (SELECT FROM pg_opfamily WHERE oid >= 16384)
    UNION ALL
    SELECT 'base_types', EXISTS (
        SELECT FROM pg_type t WHERE t.oid >= 16384
          AND (t.typtype = 'b' AND t.typarray <> 0 OR t.typtype = 'p' AND NOT t.typisdefined)
    )
    UNION ALL
    SELECT 'publications', EXISTS (SELECT FROM pg_publication)
    UNION ALL
    SELECT 'subscriptions', EXISTS (SELECT FROM pg_subscription)
                        AND has_column_privilege('pg_subscription', 'subconninfo', 'SELECT')  -- else they are named
    UNION ALL
    SELECT 'languages', EXISTS (SELECT FROM pg_language WHERE oid >= 16384)
                     OR EXISTS (SELECT FROM pg_transform WHERE oid >= 16384)
                     OR EXISTS (SELECT FROM pg_am WHERE oid >= 16384)
                     OR EXISTS (SELECT FROM pg_event_trigger WHERE oid >= 16384)
    UNION ALL
    SELECT 'foreign_servers', EXISTS (SELECT FROM pg_foreign_data_wrapper WHERE oid >= 16384)
) families (family, is_there)
WHERE is_there
