"""HTTP in, HTTP out: a form, a use case, a page."""
