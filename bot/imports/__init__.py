"""Files a person has: read, checked row by row, and turned into core types."""
