"""Credits: prices, the ledger, grants, and holds for jobs. Nothing is charged while CREDITS_ENABLED is false.

The queue charges for jobs by itself: `queue.submit` holds the credits of `payer_id`, and the end of a job settles or releases them
(job_charges.py). Other features call `quotes.quote`, `holds.hold`, `holds.settle` and `holds.release`.
"""
