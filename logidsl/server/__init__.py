"""A service that judges pictures and tables for a production line. Start reading in `service.py`."""
