"""The HTTP side: contact events in, health out, and Slack's requests in HTTP mode."""
