"""app.yaml and the environment: read once, checked as a whole, handed down as core `Settings`."""
