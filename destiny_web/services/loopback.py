"""Loopback: which host names and addresses are of this machine."""

from ipaddress import ip_address


def is_loopback(host: str) -> bool:
    """Tell whether a host name or IP address, without port and brackets, is of this machine.

    ``localhost`` and the names below it never leave the machine (RFC 6761).
    """
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False
