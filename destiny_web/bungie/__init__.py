"""HTTP to Bungie: one exchange, its shapes and its failures. No Flask, no domain, no settings."""
