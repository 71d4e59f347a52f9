"""How the parts are put together: settings, addresses, the application's own database."""
