"""What judging costs: `python -m benchmarks.judging`, or `make bench`.

Twelve typical clauses, judged by the language and by the same clauses written by hand in NumPy, plain Python, polars
and SQL. The hand-written versions are read at run time from `../shared/bench`, beside the checkout; verdicts and
witnesses are compared before anything is timed. Further rows measure reports, memory, growth with the number of
objects, nested quantifiers, and very large inputs, each of these in a process of its own.

Times are CPU seconds, so that other work on the machine does not count; libraries get one thread.
"""

import os

for _name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "POLARS_MAX_THREADS"):
    os.environ[_name] = "1"  # before any of these is loaded
