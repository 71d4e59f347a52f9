CREATE FOREIGN DATA WRAPPER remote;
CREATE SERVER ledger FOREIGN DATA WRAPPER remote;
CREATE SERVER archive FOREIGN DATA WRAPPER remote;
CREATE TYPE grade AS ENUM ('a', 'b');
CREATE FOREIGN TABLE accounts (
    id integer OPTIONS (column_name 'account_id') NOT NULL,
    "Owner" text COLLATE "C" DEFAULT 'nobody',
    balance numeric(12, 2) OPTIONS (column_name 'sum', scale '2'),
    rank grade,
    CONSTRAINT positive CHECK (balance > 0)
) SERVER ledger OPTIONS (schema_name 'it''s', table_name 'accounts', fetch_size '100');
COMMENT ON FOREIGN TABLE accounts IS 'theirs';
COMMENT ON COLUMN accounts.balance IS 'in cents';
COMMENT ON CONSTRAINT positive ON accounts IS 'no debts';
ALTER FOREIGN TABLE accounts ALTER COLUMN id SET STATISTICS 500;
ALTER FOREIGN TABLE accounts ALTER COLUMN "Owner" SET STORAGE EXTERNAL;
ALTER FOREIGN TABLE accounts ALTER COLUMN balance SET (n_distinct = 5);
CREATE STATISTICS together ON id, balance FROM accounts;
CREATE FUNCTION noted() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NEW; END $$;
CREATE TRIGGER noted BEFORE INSERT ON accounts FOR EACH ROW EXECUTE FUNCTION noted();
CREATE VIEW rich AS SELECT id, balance FROM accounts WHERE balance > 100;
CREATE FOREIGN TABLE moved (id integer) SERVER archive OPTIONS (table_name 'moved');
CREATE FOREIGN TABLE "New ""one""" (id integer, "Some thing" text OPTIONS (column_name 'thing')) SERVER archive;
CREATE FOREIGN TABLE was_a_table (id integer) SERVER archive;
CREATE TABLE was_foreign (id integer PRIMARY KEY);
