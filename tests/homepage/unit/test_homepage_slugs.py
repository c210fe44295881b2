"""Names of sites in addresses."""

from __future__ import annotations

import re
import unicodedata
from itertools import islice

import pytest
from hypothesis import given
from hypothesis import strategies as st

from homepage_generator.publish.slugs import RESERVED, candidates, slug_of

CONTRACT = re.compile(r"[a-z0-9][a-z0-9-]{0,62}")


@pytest.mark.parametrize(
    ("name", "slug"),
    [
        ("햇살과일", "haetsalgwail"),
        (unicodedata.normalize("NFD", "햇살과일"), "haetsalgwail"),
        ("청송댁 과일가게", "cheongsongdaek-gwailgage"),
        ("Café 모모", "cafe-momo"),
        ("김밥천국 2호점!", "gimbapcheonguk-2hojeom"),
        ("🍎", "shop"),
        ("花より", "shop"),
        ("", "shop"),
        ("Admin", "admin-shop"),
        ("../../etc", "etc"),
        ("가" * 200, "ga" * 24),
    ],
)
def test_a_shops_name_becomes_its_address(name: str, slug: str) -> None:
    assert slug_of(name) == slug


@given(st.text(max_size=80))
def test_any_name_becomes_a_slug_that_the_contract_takes(name: str) -> None:
    for slug in islice(candidates(slug_of(name)), 3):
        assert CONTRACT.fullmatch(slug)
        assert slug not in RESERVED


def test_a_name_that_is_taken_gets_a_number() -> None:
    assert list(islice(candidates("momo"), 3)) == ["momo", "momo-2", "momo-3"]
