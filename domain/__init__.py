"""What is true: events, state, rules and policies. Pure functions; nothing here knows a database."""
