"""Prints the example's rows as COPY blocks for psql: `python -m migration.seedcase legacy|new`."""

import sys

from migration.seedcase.data import script

for line in script(sys.argv[1]):
    print(line)
