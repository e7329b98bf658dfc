"""Requests and answers: the wire, the paths, the consent page, the control page."""
