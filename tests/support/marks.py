"""The mark ``requirement``: a test says which requirements it proves, and fails when there is no such requirement."""

import functools
from collections.abc import Iterable

import pytest

from tests.support.sheet import read_sheet

known = functools.cache(read_sheet)


def ids_of(item: pytest.Item) -> tuple[str, ...]:
    """Return the ids that a test bears, those of its class and module included."""
    return tuple(str(identifier) for mark in item.iter_markers("requirement") for identifier in mark.args)


def unknown(ids: Iterable[str]) -> list[str]:
    """Return the ids that docs/requirements.md does not have."""
    return [identifier for identifier in ids if identifier not in known()]


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> None:
    """Fail a test that names a requirement which does not exist."""
    strangers = unknown(ids_of(item))
    if strangers:
        pytest.fail(f"docs/requirements.md has no {', '.join(strangers)}", pytrace=False)
