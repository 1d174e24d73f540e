"""What the recorded events say now: one module per kind of stream, only what a rule needs."""
