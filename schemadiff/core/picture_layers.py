"""Columns for a picture of what refers to what: who is referred to comes before who refers, few lines cross."""

from collections import defaultdict

_TALLEST = 16  # in one column
_SWEEPS = 8


def layers_of(keys: list[str], pairs: list[tuple[str, str]]) -> list[list[str]]:
    """The keys in columns from left to right, each from top to bottom. A pair is who refers and to whom.

    A circle is cut where the order of the keys comes back to a key that it is still following.
    """
    known = set(keys)
    real = sorted({(a, b) for a, b in pairs if a != b and a in known and b in known})
    columns = _by_depth(keys, _depths(keys, real))
    neighbours: defaultdict[str, list[str]] = defaultdict(list)
    for start, end in real:
        neighbours[start].append(end)
        neighbours[end].append(start)
    for number in range(_SWEEPS):
        _sweep(columns if number % 2 else columns[::-1], neighbours)
    return [part for column in columns for part in _parts(column)]


def _depths(keys: list[str], pairs: list[tuple[str, str]]) -> dict[str, int]:
    """How many references lie between a key and one that refers to nobody, at most."""
    ends: defaultdict[str, list[str]] = defaultdict(list)
    for start, end in pairs:
        ends[start].append(end)
    depths: dict[str, int] = {}
    following: set[str] = set()
    for key in keys:
        waiting = [key]
        while waiting:
            top = waiting[-1]
            following.add(top)
            ahead = [end for end in ends[top] if end not in depths and end not in following]
            if ahead:
                waiting.append(ahead[0])
                continue
            following.discard(waiting.pop())
            depths.setdefault(top, 1 + max((depths.get(end, -1) for end in ends[top]), default=-1))
    return depths


def _by_depth(keys: list[str], depths: dict[str, int]) -> list[list[str]]:
    columns: defaultdict[int, list[str]] = defaultdict(list)
    for key in keys:
        columns[depths[key]].append(key)
    return [columns[depth] for depth in sorted(columns)]


def _sweep(columns: list[list[str]], neighbours: dict[str, list[str]]) -> None:
    """Sort each column by where its neighbours lie, one column after the other."""
    places = {key: number / len(column) for column in columns for number, key in enumerate(column)}
    for column in columns:
        middles = {key: sum(places[one] for one in neighbours[key]) / len(neighbours[key]) for key in column}
        column.sort(key=lambda key: (middles[key], key))
        places.update({key: number / len(column) for number, key in enumerate(column)})


def _parts(column: list[str]) -> list[list[str]]:
    """A column that would be too tall as several."""
    count = -(-len(column) // _TALLEST)
    size = -(-len(column) // count)
    return [column[start : start + size] for start in range(0, len(column), size)]
