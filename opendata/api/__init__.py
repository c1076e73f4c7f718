"""What the software of an organisation reads of it, with a key: read only, described by OpenAPI."""
