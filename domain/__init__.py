"""What is true: events, state, rules, policies. Pure functions that know no database."""
