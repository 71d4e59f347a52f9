"""Where an application's queries are found: files of SQL, logs of the server, its statistics, source code."""
