"""Slash commands, one module each; `table` lists them."""
