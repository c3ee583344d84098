"""Shops to torture, and the recorder."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.torture import recording
from tests.torture.books import Books
from tests.torture.series import prepare_shop


@pytest.fixture(scope="session")
def prepared_shop(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a shop that is ready to sell; to be copied, not used."""
    folder = tmp_path_factory.mktemp("prepared") / "shop"
    prepare_shop(folder)
    return folder


@pytest.fixture(scope="session")
def books(tmp_path_factory: pytest.TempPathFactory) -> Books:
    """The books of a shop with two lanes; to be copied, not changed."""
    return Books(tmp_path_factory.mktemp("books"))


@pytest.fixture(scope="session")
def recorder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The compiled recorder; a machine without a C compiler skips what needs it."""
    if recording.compiler() is None:
        pytest.skip("no C compiler: recorded power cuts are not replayed")
    return recording.build(tmp_path_factory.mktemp("recorder"))
