"""The parts that the screens are made of; each repaints only what changed."""
