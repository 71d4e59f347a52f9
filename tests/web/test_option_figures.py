"""What speaks for and against an option, what it risks and loses: each sentence leads to what it counts."""

import re

import pytest

from schemadiff import store
from schemadiff.core.options.option import OptionName
from tests.web.seed_project import SeedProject

pytestmark = pytest.mark.django_db


def get(seed: SeedProject, url: str) -> str:
    answer = seed.people.engineer.get(url)
    assert answer.status_code == 200
    return str(answer.content.decode())


def test_each_sentence_leads_to_as_many_rows_as_it_says(seed: SeedProject) -> None:
    seed.map_truly()
    seed.measure()
    options = get(seed, seed.url("options"))
    found = re.findall(rf'<a href="({seed.url("options")}(\w+)/(\w+)/)">([^<]+)</a>', options)
    measures = store.measures_of(seed.comparison)
    assert {option for _, option, _, _ in found} == {name.value for name in OptionName}
    assert any(sentence == "143 columns with 30,569 values left behind." for _, _, _, sentence in found)
    assert any(sentence.startswith("12 foreign keys of 9 tables") for _, _, _, sentence in found)
    for url, option, key, sentence in found:
        measure = next(m for m in measures[OptionName(option)] if m.key == key)
        numbers = [int(number.replace(",", "")) for number in re.findall(r"\d[\d,]*", sentence)]
        assert measure.value in numbers or measure.value == 0, sentence
        page = get(seed, url)
        listed = re.search(r'<ul class="figure-items">(.*?)</ul>', page, re.DOTALL)
        assert (listed[1].count("<li>") if listed else 0) == len(measure.items)
    counted = {"columns_left_behind", "foreign_keys_affected", "queries_fail", "queries_changed"}
    for measure in (m for each in measures.values() for m in each if m.key in counted):
        assert len(measure.items) == measure.value


def test_a_figure_that_is_not_known_says_so(seed: SeedProject) -> None:
    page = get(seed, seed.url("option_figure", "hybrid", "rejects"))
    assert "This figure is not known" in page and seed.url("options") in page
    assert seed.people.engineer.get(seed.url("option_figure", "rewrite", "rejects")).status_code == 404
    assert seed.people.manager.get(seed.url("option_figure", "hybrid", "rejects")).status_code == 403
    assert seed.people.stranger.get(seed.url("option_figure", "hybrid", "rejects")).status_code == 404


def test_queries_lead_to_their_verdicts(seed: SeedProject) -> None:
    seed.measure()
    page = get(seed, seed.url("option_figure", "transform", "queries_fail"))
    address = re.search(r'href="([^"]+judgements[^"]*|[^"]*\?option=transform[^"]*)"', page)
    assert address
    rows = get(seed, address[1].replace("&amp;", "&"))
    measure = next(
        m for m in store.measures_of(seed.comparison)[OptionName.TRANSFORM] if m.key == "queries_fail"
    )
    assert measure.value and f">{measure.items[0].partition(':')[0]}<" in rows
