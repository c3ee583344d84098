"""The model of a disk that the power cuts are made with: what it must keep, and what it may lose."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.torture.recording import Call, Operation
from tests.torture.replay import Cut, Disk, lay_out

BOOK = "book"


def disk(folder: Path, *operations: Operation) -> Disk:
    (folder / BOOK).write_bytes(b"old!")
    made = Disk.holding(folder)
    for operation in operations:
        made.do(operation)
    return made


def contents(made: Disk, cut: Cut, name: str = BOOK) -> set[bytes | None]:
    """Everything that a file may hold after many cuts."""
    return {made.after(cut, seed).get(name) for seed in range(200)}


def test_what_was_synced_is_kept_by_every_cut(tmp_path: Path) -> None:
    made = disk(tmp_path, Operation(Call.WRITE, BOOK, 0, b"new!"), Operation(Call.SYNC, BOOK))

    for cut in Cut:
        assert contents(made, cut) == {b"new!"}


def test_what_was_not_synced_may_be_lost_but_not_to_a_killed_process(tmp_path: Path) -> None:
    made = disk(tmp_path, Operation(Call.WRITE, BOOK, 0, b"new!"), Operation(Call.WRITE, BOOK, 4, b"!!"))

    assert contents(made, Cut.PREFIX) == {b"new!!!"}
    assert contents(made, Cut.DROPPED) == {b"old!", b"new!", b"old!!!", b"new!!!"}


def test_a_sync_of_one_file_keeps_no_other(tmp_path: Path) -> None:
    made = disk(tmp_path, Operation(Call.WRITE, BOOK, 0, b"new!"), Operation(Call.SYNC, "."))

    assert contents(made, Cut.DROPPED) == {b"old!", b"new!"}


def test_a_torn_write_is_torn_between_sectors(tmp_path: Path) -> None:
    made = disk(tmp_path, Operation(Call.WRITE, BOOK, 0, b"a" * 512 + b"b" * 512))

    torn = contents(made, Cut.TORN)

    assert {b"old!", b"a" * 512, b"old!" + bytes(508) + b"b" * 512, b"a" * 512 + b"b" * 512} == torn


@pytest.mark.parametrize("cut", [Cut.DROPPED, Cut.TORN])
def test_names_are_kept_in_order(tmp_path: Path, cut: Cut) -> None:
    made = disk(
        tmp_path,
        Operation(Call.OPEN, "new"),
        Operation(Call.WRITE, "new", 0, b"new!"),
        Operation(Call.SYNC, "new"),
        Operation(Call.RENAME, "new", 0, BOOK.encode()),
    )

    assert contents(made, cut) == {b"old!", b"new!"}
    made.do(Operation(Call.SYNC, "."))
    assert contents(made, cut) == {b"new!"}
    assert contents(made, cut, "new") == {None}


def test_a_removed_file_comes_back_until_the_directory_is_synced(tmp_path: Path) -> None:
    made = disk(tmp_path, Operation(Call.UNLINK, BOOK))

    assert contents(made, Cut.PREFIX) == {None}
    assert contents(made, Cut.DROPPED) == {None, b"old!"}


def test_a_state_is_laid_out_alone_and_for_its_owner_only(tmp_path: Path) -> None:
    (tmp_path / "left over").touch()

    lay_out({BOOK: b"new!"}, tmp_path)

    assert [path.name for path in tmp_path.iterdir()] == [BOOK]
    assert (tmp_path / BOOK).stat().st_mode & 0o777 == 0o600
