"""Numbered steps of the schema, for both engines. The first also holds the ledger's CHECKs and triggers."""
