"""Every command, as text and as JSON, with its exit codes."""
