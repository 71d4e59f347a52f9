CREATE FOREIGN DATA WRAPPER remote;
CREATE SERVER ledger TYPE 'one' FOREIGN DATA WRAPPER remote;
CREATE FOREIGN TABLE accounts (id integer) SERVER ledger OPTIONS (table_name 'accounts');
CREATE VIEW all_accounts AS SELECT * FROM accounts;
