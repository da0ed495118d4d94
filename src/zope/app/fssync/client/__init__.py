"""The client: verbs on working copies, and what they talk to servers with."""
