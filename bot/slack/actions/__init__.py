"""What buttons do, one module per subject."""
