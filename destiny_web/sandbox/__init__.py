"""The former place of the sandbox; it is the package ``bungie_sandbox`` now."""
