"""Random pairs of schemas with dependencies, near to one another, and what a plan between them has to keep."""
