"""A comparison written down: as text for a terminal, as JSON for programs, as Markdown, as one HTML file.

Each in a module of its own, and `report` is what they are written from: a command imports the one that it writes.
"""
