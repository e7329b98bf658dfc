"""HTTP calls to Bungie: requests, shapes and failures. No Flask, no domain, no settings."""
