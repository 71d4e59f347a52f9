"""How fast a run carries a database over, held against psql for one table and pg_dump with pg_restore for all.

    .venv/bin/python benchmarks/copy.py [--rows 8000000] [--rounds 3] [--only table|whole|merge]

Makes a shop of 8 tables with secondary indexes and foreign keys in a throw-away PostgreSQL 16 and carries it to
18. All ways take turns; the figures are medians. CPU is that of all clients and of both servers, autovacuum being
off. Whoever copies a table with two `psql COPY binary | psql COPY binary` streams does nothing else: that is the
limit. `merge` carries the largest table into one that has half of its rows. Memory is the largest resident set
of one copying process.
"""

import importlib
import sys

# This file has the name of a module that others import: its folder must not be looked in first.
sys.path[:] = [place for place in sys.path if not place.rstrip("/").endswith("benchmarks")]
sys.path.insert(0, __file__.rpartition("/")[0].rpartition("/")[0] or "..")

if __name__ == "__main__":  # not where a copying process reads this file again
    from benchmarks.copy_rounds import main

    main(__doc__)
elif __name__ == "copy":  # another benchmark was started by its file, and looked for the library's module
    del sys.modules["copy"]
    importlib.import_module("copy")
