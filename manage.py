#!/usr/bin/env python
"""The command line."""

import sys

from config.commandline import main

if __name__ == "__main__":
    sys.exit(main(sys.argv))
