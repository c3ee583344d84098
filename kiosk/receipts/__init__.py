"""What lays words on paper: documents as data, and how they come out on a roll of any width."""
