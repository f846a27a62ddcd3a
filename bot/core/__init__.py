"""The pure middle: what is promised, due, rostered and told; decisions without technology."""
