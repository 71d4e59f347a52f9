create text search parser split (start = prsd_start, gettoken = prsd_nexttoken, end = prsd_end, headline = prsd_headline, lextypes = prsd_lextype);
create text search template shape (init = dsimple_init, lexize = dsimple_lexize);
create text search dictionary words (template = shape, accept = false);
create text search dictionary "Own words" (template = pg_catalog.simple, accept = true);
comment on text search dictionary words is 'words'; comment on text search parser split is 'splits'; comment on text search template shape is 't';
create text search configuration plain (parser = split);
alter text search configuration plain add mapping for asciiword, word with words, "Own words", simple;
comment on text search configuration plain is 'plain';
