"""The way in and the way out: what the shop remembers, as files that others read (D8-02, N12)."""

from __future__ import annotations

from kiosk.services.transfer_articles import ImportResult, Progress, export_articles, import_articles
from kiosk.services.transfer_cells import LineError

__all__ = ["ImportResult", "LineError", "Progress", "export_articles", "import_articles"]
