"""The independent checker of receipts, proofs and the log: it imports nothing else of ours."""
