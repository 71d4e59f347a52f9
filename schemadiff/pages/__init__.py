"""One frozen dataclass for every page: all that a template shows, decided before it renders."""
