CREATE FOREIGN DATA WRAPPER remote;
CREATE SERVER ledger FOREIGN DATA WRAPPER remote;
CREATE SERVER archive FOREIGN DATA WRAPPER remote;
CREATE FOREIGN TABLE accounts (
    id bigint OPTIONS (column_name 'id'),
    "Owner" text,
    balance integer OPTIONS (column_name 'sum', precision '9') DEFAULT 0,
    gone text
) SERVER ledger OPTIONS (schema_name 'public', table_name 'accounts', updatable 'false');
CREATE VIEW rich AS SELECT id, balance FROM accounts WHERE balance > 10;
CREATE FOREIGN TABLE moved (id integer) SERVER ledger OPTIONS (table_name 'moved');
CREATE FOREIGN TABLE only_here (id integer) SERVER ledger;
CREATE TABLE was_a_table (id integer);
CREATE FOREIGN TABLE was_foreign (id integer) SERVER archive;
