"""What is kept: bytes and their order, sealed. Knows nothing of cases."""
