"""What runs beside Excel: the add-in and its builder. It needs little, starts fast and knows nothing of the service's inside."""
