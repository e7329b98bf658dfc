"""WSGI entry point: gunicorn and ``flask`` import the application from here."""

from destiny_web.app import create_app

app = create_app()
