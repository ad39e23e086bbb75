"""What the HTTP service and the studio share: problem details, and a socket that listens."""
