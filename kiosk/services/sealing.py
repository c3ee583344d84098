"""Sealed files: signed by the till, readable by the owner alone (PLATFORM.md 8).

The till knows only the owner's public key, so that neither the till nor
whoever carries the USB stick away can read a backup. A file is

- a line ``kiosk-backup 1`` and a line of JSON: whose it is and what it was made with;
- pieces of 1 MiB, each AES-256-GCM under a key of this file's own (X25519 with a
  fresh key, HKDF-SHA-256 over the two lines above); the nonce counts the pieces
  and marks the last, so that none can be moved, left out or cut off;
- 64 bytes: the till's Ed25519 signature of all that comes before.
"""

from __future__ import annotations

import io
import json
import os
import secrets
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO, Final

from kiosk.errors import BadFile, Invalid
from kiosk.services.keys import Keys

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

MAGIC: Final = b"kiosk-backup 1\n"
SHORTEST_PASSPHRASE: Final = 10
"""Characters."""

_PIECE: Final = 1024 * 1024
_TAG: Final = 16
_SIGNATURE: Final = 64
_LONGEST_HEADER: Final = 4096
_OWNER_KIND: Final = "kiosk owner key 1"
_MEMORY_KIB: Final = 64 * 1024
_ROUNDS: Final = 3


@dataclass(frozen=True, slots=True)
class Header:
    """What anybody may know of a sealed file."""

    lane: str
    at: int
    """UTC milliseconds."""
    version: str
    owner: str
    """The public key that it is sealed for."""
    signer: str
    """The public key of the till that signed it."""


@dataclass(frozen=True)
class OwnerKey:
    """The owner's private key, and the tills whose signatures its holder trusts. ``repr`` shows no secret."""

    public: str
    signers: tuple[str, ...]
    _private: bytes

    def __repr__(self) -> str:
        return f"OwnerKey({fingerprint(self.public)})"

    @classmethod
    def make(cls, signers: tuple[str, ...]) -> OwnerKey:
        """A new pair."""
        from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

        private = X25519PrivateKey.generate()
        return cls(private.public_key().public_bytes_raw().hex(), signers, private.private_bytes_raw())

    def locked(self, passphrase: str) -> str:
        """The text of its file: the private half under a passphrase (Argon2id, AES-GCM). Refuses: Invalid."""
        if len(passphrase) < SHORTEST_PASSPHRASE:
            raise Invalid(field="passphrase", value="")
        salt, nonce = secrets.token_bytes(16), secrets.token_bytes(12)
        bare = {"kind": _OWNER_KIND, "public": self.public, "signers": list(self.signers), "salt": salt.hex()}
        sealed = _aead(_stretched(passphrase, salt)).encrypt(nonce, self._private, _canonical(bare))
        return json.dumps({**bare, "nonce": nonce.hex(), "sealed": sealed.hex()}, indent=2) + "\n"

    @classmethod
    def unlock(cls, path: Path, passphrase: str) -> OwnerKey:
        """Read its file. Refuses: BadFile (unreadable, another file, a wrong passphrase)."""
        from cryptography.exceptions import InvalidTag

        try:
            read: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
            bare = {name: read[name] for name in ("kind", "public", "signers", "salt")}
            if read["kind"] != _OWNER_KIND:
                raise BadFile(path=str(path), reason="this is no owner key")
            key = _stretched(passphrase, bytes.fromhex(read["salt"]))
            private = _aead(key).decrypt(bytes.fromhex(read["nonce"]), bytes.fromhex(read["sealed"]), _canonical(bare))
            return cls(str(read["public"]), tuple(map(str, read["signers"])), private)
        except InvalidTag:
            raise BadFile(path=str(path), reason="the passphrase is wrong, or the file was changed") from None
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise BadFile(path=str(path), reason="this is no owner key") from error

    def file_key(self, ephemeral: str, info: bytes) -> bytes:
        """The key of one sealed file."""
        from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey

        private = X25519PrivateKey.from_private_bytes(self._private)
        return _derive(private.exchange(X25519PublicKey.from_public_bytes(bytes.fromhex(ephemeral))), info)


def fingerprint(public: str) -> str:
    """A public key as people compare it: ``1a2b 3c4d 5e6f 7081``."""
    digest = sha256(bytes.fromhex(public)).hexdigest()[:16]
    return " ".join(digest[start : start + 4] for start in range(0, 16, 4))


def signer_of(keys: Keys) -> str:
    """The public key by which a machine's sealed files are known; it comes from the device key."""
    return _signing_key(keys).public_key().public_bytes_raw().hex()


class Sealer(io.RawIOBase):
    """Takes plain bytes, and writes the sealed file; ``close`` ends and signs it."""

    def __init__(self, target: BinaryIO, *, lane: str, at: int, version: str, owner: str, keys: Keys) -> None:
        from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey

        super().__init__()
        self._target, self._hash, self._signer = target, sha256(), _signing_key(keys)
        ephemeral = X25519PrivateKey.generate()
        head = MAGIC + _canonical(
            {
                "lane": lane,
                "at": at,
                "version": version,
                "owner": owner,
                "signer": signer_of(keys),
                "ephemeral": ephemeral.public_key().public_bytes_raw().hex(),
            }
        )
        head += b"\n"
        shared = ephemeral.exchange(X25519PublicKey.from_public_bytes(bytes.fromhex(owner)))
        self._aead = _aead(_derive(shared, head))
        self._count, self._held = 0, bytearray()
        self._put(head)

    def writable(self) -> bool:
        """It takes bytes."""
        return True

    def write(self, data: Any) -> int:
        """Take plain bytes; a piece is held back until the next comes, because the last is marked."""
        self._held += data
        while len(self._held) > _PIECE:
            self._piece(bytes(self._held[:_PIECE]), last=False)
            del self._held[:_PIECE]
        return len(data)

    def finish(self) -> None:
        """Write the last piece and the signature. Without this the file is not one."""
        self._piece(bytes(self._held), last=True)
        self._held.clear()
        self._target.write(self._signer.sign(self._hash.digest()))

    def _piece(self, plain: bytes, *, last: bool) -> None:
        self._put(self._aead.encrypt(_nonce(self._count, last=last), plain, None))
        self._count += 1

    def _put(self, data: bytes) -> None:
        self._hash.update(data)
        self._target.write(data)


class Unsealer(io.RawIOBase):
    """Reads a sealed file whose signature has been checked. Refuses: BadFile."""

    def __init__(self, path: Path, owner: OwnerKey) -> None:
        super().__init__()
        self._path = path
        self._source = path.open("rb")
        try:
            head, read = _read_head(path, self._source)
            if read["owner"] != owner.public:
                raise BadFile(path=str(path), reason="it is sealed for another owner key")
            self._aead = _aead(owner.file_key(str(read["ephemeral"]), head))
            self._left = os.fstat(self._source.fileno()).st_size - len(head) - _SIGNATURE
        except BaseException:
            self._source.close()
            raise
        self._count, self._held = 0, b""

    def readable(self) -> bool:
        """It gives bytes."""
        return True

    def readinto(self, buffer: Any) -> int:
        """Give the next plain bytes."""
        if not self._held and self._left > 0:
            self._held = self._piece()
        count = min(len(buffer), len(self._held))
        buffer[:count] = self._held[:count]
        self._held = self._held[count:]
        return count

    def close(self) -> None:
        """Let the file go."""
        self._source.close()
        super().close()

    def _piece(self) -> bytes:
        from cryptography.exceptions import InvalidTag

        size = min(_PIECE + _TAG, self._left)
        self._left -= size
        try:
            plain: bytes = self._aead.decrypt(_nonce(self._count, last=not self._left), self._source.read(size), None)
        except InvalidTag:
            raise BadFile(path=str(self._path), reason="it was damaged or changed") from None
        self._count += 1
        return plain


def read_header(path: Path) -> Header:
    """What a file says of itself; believe it only after ``check_signature``. Refuses: BadFile."""
    with _opened(path) as source:
        _head, read = _read_head(path, source)
    return Header(read["lane"], read["at"], read["version"], read["owner"], read["signer"])


def check_signature(path: Path) -> Header:
    """Whether a file is whole and as its signer wrote it; who that is, the caller must judge. Refuses: BadFile."""
    from cryptography.exceptions import InvalidSignature
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

    header = read_header(path)
    with _opened(path) as source:
        left = os.fstat(source.fileno()).st_size - _SIGNATURE
        digest = sha256()
        while left > 0:
            part = source.read(min(_PIECE, left))
            if not part:
                break
            digest.update(part)
            left -= len(part)
        signature = source.read(_SIGNATURE)
    try:
        Ed25519PublicKey.from_public_bytes(bytes.fromhex(header.signer)).verify(signature, digest.digest())
    except (InvalidSignature, ValueError):
        raise BadFile(path=str(path), reason="it was damaged or changed") from None
    return header


def _opened(path: Path) -> BinaryIO:
    try:
        return path.open("rb")
    except OSError as error:
        raise BadFile(path=str(path), reason=error.strerror or "it can't be opened") from error


def _read_head(path: Path, source: BinaryIO) -> tuple[bytes, dict[str, Any]]:
    magic = source.readline(_LONGEST_HEADER)
    line = source.readline(_LONGEST_HEADER)
    try:
        read = json.loads(line)
        texts = all(isinstance(read[name], str) for name in ("lane", "version", "owner", "signer", "ephemeral"))
        keys = all(len(bytes.fromhex(read[name])) == 32 for name in ("owner", "signer", "ephemeral"))
        good = magic == MAGIC and line.endswith(b"\n") and texts and keys and type(read["at"]) is int
    except (ValueError, KeyError, TypeError):
        good = False
    if not good:
        raise BadFile(path=str(path), reason="this is no backup of kiosk")
    return magic + line, read


def _nonce(count: int, *, last: bool) -> bytes:
    return count.to_bytes(11, "big") + (b"\x01" if last else b"\x00")


def _signing_key(keys: Keys) -> Ed25519PrivateKey:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    return Ed25519PrivateKey.from_private_bytes(keys.digest("backup", "signing key 1"))


def _derive(shared: bytes, info: bytes) -> bytes:
    from cryptography.hazmat.primitives.hashes import SHA256
    from cryptography.hazmat.primitives.kdf.hkdf import HKDF

    return HKDF(SHA256(), 32, None, info).derive(shared)


def _stretched(passphrase: str, salt: bytes) -> bytes:
    from cryptography.hazmat.primitives.kdf.argon2 import Argon2id

    made = Argon2id(salt=salt, length=32, iterations=_ROUNDS, lanes=1, memory_cost=_MEMORY_KIB)
    return made.derive(passphrase.encode())


def _aead(key: bytes) -> Any:
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    return AESGCM(key)


def _canonical(value: dict[str, Any]) -> bytes:
    return json.dumps(value, sort_keys=True, separators=(",", ":")).encode()
