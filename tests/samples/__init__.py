"""How the sample customers are made; the CSV itself is in vault/samples."""
