"""kiosk, a cash register for a small shop. Importing this starts nothing."""

__version__ = "0.1.0"
