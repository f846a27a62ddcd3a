"""What Muster does by itself, and when."""
