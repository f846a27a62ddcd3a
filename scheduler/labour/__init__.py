"""Presets of labour law, and the receipt that says rule by rule how a roster stands; knows no solver."""
