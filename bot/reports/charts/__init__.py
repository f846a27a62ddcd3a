"""Charts drawn by matplotlib: PNG for Slack and SVG for the HTML report, from the same function."""
