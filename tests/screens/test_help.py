"""The help: the keys of the screen it was called from, in pages, and searched by typing."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.screens.counter import open_counter, selling
from tests.screens.floor import Floor


@pytest.fixture
def floor(tmp_path: Path) -> Iterator[Floor]:
    with open_counter(tmp_path) as made:
        yield made


async def test_a_search_begins_at_the_top_however_far_one_has_read(floor: Floor) -> None:
    async with selling(floor) as at:
        await at.keys("f1")
        assert at.shows("Keys", "1-")
        await at.keys("pagedown", "pagedown", "pagedown")
        assert not at.shows("1-")
        await at.text("f8")
        assert at.shows("F8", "Past receipts")
        await at.keys("escape")
        assert at.shows("1-")
        await at.text("xyzzy")
        assert at.shows("No key fits.")


async def test_the_word_on_the_key_bar_finds_its_key(floor: Floor) -> None:
    async with selling(floor) as at:
        assert at.shows("F8 History")
        await at.keys("f1")
        await at.text("history")
        assert at.shows("F8", "Past receipts: look, print again, take goods back")
        assert not at.shows("F9")
