"""The three ways out. Each module works one out from two catalogs; `figures` counts what it touches."""
