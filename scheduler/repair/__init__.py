"""Changes to a roster that is in use: as few as possible, legal, priced, and ranked."""
