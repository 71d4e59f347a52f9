"""What a person does on the mapping page, by requests."""

from typing import Any

from tests.web.seed_project import SeedProject


def edit(seed: SeedProject, table: str, column: str, name: str = "mapping_edit", **data: str) -> Any:
    query = f"?table=public.{table}&column={column}"
    return seed.people.engineer.post(seed.url(name) + query, {"source": "", "expression": "", **data})
