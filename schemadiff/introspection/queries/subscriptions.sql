-- Subscriptions of this database. Whether one is enabled is left out, as pg_dump leaves it: a script makes it
-- disabled. Secrets in the connection string are taken out by whoever reads this.
SELECT 'pg_subscription'::regclass::oid,
       s.oid,
       'subscription',
       '',
       s.subname,
       format('CREATE SUBSCRIPTION %%I', s.subname),
       ARRAY(
           SELECT ARRAY[setting, said]
           FROM (
               VALUES
                   ('connection', s.subconninfo),
                   ('publications', (SELECT string_agg(quote_ident(name), ', ' ORDER BY place)
                                     FROM unnest(s.subpublications) WITH ORDINALITY publication (name, place))),
                   ('slot_name', s.subslotname::text),
                   ('synchronous_commit', nullif(s.subsynccommit, 'off')),
                   ('binary', CASE WHEN s.subbinary THEN 'true' END),
                   -- truth values up to 15; a plain CREATE says off up to 17, parallel since
                   ('streaming', CASE j.row ->> 'substream'
                       WHEN 't' THEN 'on' WHEN 'true' THEN 'on' WHEN 'p' THEN 'parallel' ELSE 'off'
                   END),
                   ('two_phase', CASE WHEN j.row ->> 'subtwophasestate' IN ('p', 'e') THEN 'true' END),      -- 15
                   ('disable_on_error', CASE WHEN j.row ->> 'subdisableonerr' = 'true' THEN 'true' END),   -- 15
                   ('origin', nullif(j.row ->> 'suborigin', 'any')),                                       -- 16
                   ('password_required', CASE WHEN j.row ->> 'subpasswordrequired' = 'false' THEN 'false' END),  -- 16
                   ('run_as_owner', CASE WHEN j.row ->> 'subrunasowner' = 'true' THEN 'true' END),         -- 16
                   ('failover', CASE WHEN j.row ->> 'subfailover' = 'true' THEN 'true' END)                -- 17
           ) settings (setting, said)
           WHERE said IS NOT NULL
       ),
       obj_description(s.oid, 'pg_subscription')
FROM pg_subscription s
CROSS JOIN LATERAL to_jsonb(s) j (row)
WHERE s.subdbid = (SELECT oid FROM pg_database WHERE datname = current_database())
