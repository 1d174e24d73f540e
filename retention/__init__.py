"""What is let go: due dates, holds, disposal, certificates. It comes with its own step."""
