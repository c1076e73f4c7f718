"""The register of a body, year by year: what it holds and lacks, and the volume to be bound."""
