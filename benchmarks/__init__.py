"""What wfbreak costs beside its peers, measured side by side on one machine: ``make benchmark``.

A ratio of two figures of one run says something on any machine; a figure alone does not. So the
command builds the peers, measures all of them in the same run and writes ``docs/benchmarks.md``.
"""
