"""What decides, and would decide the same on paper: pure functions, told everything."""
