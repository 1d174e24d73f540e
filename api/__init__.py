"""How people reach the record: HTTP, the command line, sign-in, settings. Wires the parts."""
