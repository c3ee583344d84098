"""What is seen at the till, one file per screen, and what its keys do."""
