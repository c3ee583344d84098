"""What an installation is made of: small steps that say what they do, and do nothing when it is done already."""

import os
import shutil
import subprocess
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from kiosk.errors import ShopError

_PATIENCE: Final = 1800
"""Seconds for one command; a Pi builds evdev slowly."""

_TAIL: Final = 800
"""Characters of a failed command's words that are kept: the last ones tell why."""


class StepFailed(ShopError):
    """A step of the installation that the machine refused; the steps before it stay, and all can be run again."""

    step: str
    reason: str


@dataclass(frozen=True)
class Write:
    """A file with exactly this text."""

    path: Path
    text: str
    mode: int = 0o644

    def __str__(self) -> str:
        return f"write {self.path}"

    def done(self) -> bool:
        """Whether the file stands there as wanted."""
        try:
            return (
                not self.path.is_symlink()
                and self.path.read_text(encoding="utf-8") == self.text
                and self.path.stat().st_mode & 0o777 == self.mode
            )
        except (FileNotFoundError, UnicodeDecodeError):
            return False

    def do(self) -> None:
        """Write it beside its place and move it there, so that nobody reads half of it."""
        self.path.parent.mkdir(parents=True, exist_ok=True)
        fresh = self.path.with_name(f".{self.path.name}.new")
        fresh.write_text(self.text, encoding="utf-8")
        fresh.chmod(self.mode)
        fresh.replace(self.path)


@dataclass(frozen=True)
class Link:
    """A symbolic link."""

    path: Path
    target: str

    def __str__(self) -> str:
        return f"link {self.path} -> {self.target}"

    def done(self) -> bool:
        """Whether the link leads there."""
        return self.path.is_symlink() and os.readlink(self.path) == self.target

    def do(self) -> None:
        """Make it; refuses to replace a file that is no link."""
        self.path.parent.mkdir(parents=True, exist_ok=True)
        if self.path.is_symlink():
            self.path.unlink()
        self.path.symlink_to(self.target)


@dataclass(frozen=True)
class Erase:
    """A file or a link to take away; below ``root`` the directories that it leaves empty go too."""

    path: Path
    root: Path

    def __str__(self) -> str:
        return f"remove {self.path}"

    def done(self) -> bool:
        """Whether nothing is there."""
        return not self.path.exists() and not self.path.is_symlink()

    def do(self) -> None:
        """Take it away."""
        self.path.unlink()
        if self.root == Path("/"):
            return
        for parent in self.path.parents:
            if parent == self.root or not parent.is_relative_to(self.root) or any(parent.iterdir()):
                break
            parent.rmdir()


@dataclass(frozen=True)
class Directory:
    """A directory to take away with all that is in it, when it is a virtual environment."""

    path: Path

    def __str__(self) -> str:
        return f"remove {self.path} and all in it"

    def done(self) -> bool:
        """Whether it is gone, or is not ours to take."""
        return not (self.path / "pyvenv.cfg").is_file()

    def do(self) -> None:
        """Take it away."""
        shutil.rmtree(self.path)


@dataclass(frozen=True)
class Run:
    """A command of the machine, such as systemctl; it is run every time and must bear that."""

    command: tuple[str, ...]
    optional: bool = False
    """Whether the installation goes on when it fails or is not there."""

    def __str__(self) -> str:
        return "run " + " ".join(self.command)

    def done(self) -> bool:
        """Never: only the command knows."""
        return False

    def do(self) -> None:
        """Run it, without a shell."""
        try:
            subprocess.run(self.command, check=True, capture_output=True, text=True, timeout=_PATIENCE)
        except subprocess.CalledProcessError as error:
            if not self.optional:
                raise StepFailed(str(self), (error.stderr or error.stdout)[-_TAIL:].strip()) from error
        except (OSError, subprocess.TimeoutExpired) as error:
            if not self.optional:
                raise StepFailed(str(self), str(error)) from error


Step = Write | Link | Erase | Directory | Run


def apply(steps: Sequence[Step], *, dry_run: bool = False) -> Iterator[str]:
    """Do each step that is not done yet, and yield what it was, before it is done.

    With ``dry_run`` nothing is done. Refuses: StepFailed.
    """
    for step in steps:
        if step.done():
            continue
        yield str(step)
        if dry_run:
            continue
        try:
            step.do()
        except OSError as error:
            raise StepFailed(str(step), error.strerror or str(error)) from error
