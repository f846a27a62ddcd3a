"""The example pack of snippets and quick guides, in both languages; data, no code."""
