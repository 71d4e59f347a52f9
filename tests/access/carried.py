"""The example carried over by each option, and the data layer's two backends upon it."""

from collections.abc import Iterator
from contextlib import contextmanager

from migration.access.backend import Backend, source_backend, target_backend
from migration.access.pool import Pool, PoolSettings
from migration.runner import RunSpec
from migration.seedcase.refined import refined
from schemadiff.core.mapping import Mapping
from schemadiff.core.options.hybrid import Relaxation, hybrid
from schemadiff.core.options.transform import transform
from tests.engine.running import catalog, seed_recreate, seed_scope, seed_transform, spec_of

OPTIONS = ("recreate", "hybrid", "transform", "plain transform")
FEW = PoolSettings(min_size=1)
RETRY = 0.05  # seconds


def spec_for(option: str, source: str, target: str) -> RunSpec:
    if option == "recreate":
        return seed_recreate(source, target)
    if option == "plain transform":
        return seed_transform(source, target)
    if option == "hybrid":
        return spec_of(hybrid(catalog(source), catalog(target), seed_scope(), frozenset(Relaxation)))
    stages = ("units and re-keying", "vocabularies", "cleaning")
    return spec_of(transform(catalog(source), catalog(target), seed_scope(), refined(*stages)))


@contextmanager
def backends(source: str, target: str, mapping: Mapping | None) -> Iterator[tuple[Backend, Backend]]:
    both = (
        source_backend(Pool(source, FEW, "source"), RETRY),
        target_backend(Pool(target, FEW, "target"), mapping, RETRY),
    )
    for each in both:
        assert each.open(), each.why_down
    try:
        yield both
    finally:
        for each in both:
            each.close()
