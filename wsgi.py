"""The application, where gunicorn and ``flask`` look for it."""

from destiny_web.app import create_app

app = create_app()
