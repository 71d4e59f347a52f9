"""Objects -> statements, one file per kind of object.

These functions say what a statement makes, destroys, locks and can harm; what it requires and releases
follows from the catalogs, and the planner adds it.
"""
