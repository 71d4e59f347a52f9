-- Which dictionaries a configuration asks for each kind of token. What it needs are the dictionaries:
-- pg_depend says that only of the whole configuration.
SELECT 'pg_ts_config'::regclass::oid,
       c.oid,
       quote_ident(t.alias),
       format('%%I WITH %%s', t.alias, string_agg(format('%%I.%%I', n.nspname, d.dictname), ', ' ORDER BY m.mapseqno)),
       0::oid,
       0::oid,
       array_agg('pg_ts_dict'::regclass::oid),
       array_agg(d.oid)
FROM pg_ts_config c
CROSS JOIN LATERAL ts_token_type(c.cfgparser) t
JOIN pg_ts_config_map m ON m.mapcfg = c.oid AND m.maptokentype = t.tokid
JOIN pg_ts_dict d ON d.oid = m.mapdict
JOIN pg_namespace n ON n.oid = d.dictnamespace
WHERE c.oid >= 16384
  AND c.cfgnamespace = ANY(%(schemas)s::oid[])
GROUP BY c.oid, t.alias
