create foreign data wrapper w; create server s foreign data wrapper w; create user mapping for case_cleo server s;
