"""The independent checker of logs, proofs and receipts."""
