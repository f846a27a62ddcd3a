"""Blocks of messages, one module per subject."""
