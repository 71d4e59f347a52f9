create text search parser split (start = prsd_start, gettoken = prsd_nexttoken, end = prsd_end, lextypes = prsd_lextype);
create text search dictionary words (template = simple);
create text search configuration plain (parser = "default");
create text search configuration other (copy = simple);
