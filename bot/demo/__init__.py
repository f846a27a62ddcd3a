"""The sample team Harbour: its people, its history and one replayed hour."""
