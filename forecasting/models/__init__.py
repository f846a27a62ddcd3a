"""Forecast models; ``registry`` is the only list of them."""
