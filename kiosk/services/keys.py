"""The machine's secrets: one file outside the database, readable by the till's user alone.

It holds the device key (PINs and badges are hashed under it, PLATFORM.md 8)
and the private half of this month's signing key (PLATFORM.md 6).
"""

from __future__ import annotations

import hmac
import json
import os
import secrets
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

from kiosk.errors import BadFile


@dataclass
class Keys:
    """The secrets of one machine. ``repr`` shows none of them."""

    _path: Path | None
    _device: bytes
    _signing: dict[str, Any]

    def __repr__(self) -> str:
        return "Keys(…)"

    @classmethod
    def load_or_make(cls, path: Path) -> Keys:
        """Read the key file, or make one. Refuses: BadFile (unreadable, or open to others)."""
        if not path.exists():
            made = cls(path, secrets.token_bytes(32), {})
            made._write()
            return made
        try:
            if path.stat().st_mode & 0o077:
                raise BadFile(path=str(path), reason="readable by others")
            read = json.loads(path.read_text(encoding="ascii"))
            return cls(path, bytes.fromhex(read["device"]), dict(read["signing"]))
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise BadFile(path=str(path), reason=str(error)) from error

    @classmethod
    def in_memory(cls) -> Keys:
        """Keys that are never written, for the demo and for tests."""
        return cls(None, secrets.token_bytes(32), {})

    def for_training(self) -> Keys:
        """Keys under which the same PINs fit, and that sign nothing real: what they store is never written."""
        return Keys(None, self._device, {})

    def digest(self, purpose: str, secret: str) -> bytes:
        """HMAC-SHA-256 of a secret under the device key, bound to its purpose."""
        return hmac.new(self._device, f"{purpose}\0{secret}".encode(), sha256).digest()

    def signing(self) -> dict[str, Any]:
        """What the signing of the chain has stored."""
        return dict(self._signing)

    def store_signing(self, state: dict[str, Any]) -> None:
        """Keep the signing state, durably, before the database relies on it."""
        self._signing = dict(state)
        self._write()

    def _write(self) -> None:
        if self._path is None:
            return
        self._path.parent.mkdir(parents=True, exist_ok=True)
        new = self._path.with_name(self._path.name + ".new")
        new.unlink(missing_ok=True)
        text = json.dumps({"device": self._device.hex(), "signing": self._signing})
        with os.fdopen(os.open(new, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "w", encoding="ascii") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        new.rename(self._path)
        folder = os.open(self._path.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)
