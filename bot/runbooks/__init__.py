"""The example pack of runbooks, in both languages; data, no code."""
