"""Webhooks of helpdesks, one module per vendor: is it genuine, what does it say?  Bytes in, events out."""
