"""Everything that knows Slack: commands, buttons, messages, and the one caller of its Web API."""
