"""The HTTP server, the operations of the API, the consent page and the control page."""
