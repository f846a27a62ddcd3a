"""Forms people fill in, one module each."""
