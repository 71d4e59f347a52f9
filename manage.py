#!/usr/bin/env python
"""The command line."""

import sys

from config.commandline import leave, main

if __name__ == "__main__":
    leave(main(sys.argv))
