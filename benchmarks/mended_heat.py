"""Heat's engine with two of its faults taken away, run by Heat's own interpreter.

What is left is what Heat's convergence costs by its design, which is the fairer peer. Both
changes are to Heat 27.0.1; what they replace is named. It needs nothing of wfbreak's.
"""

from __future__ import annotations

import sys
from typing import Any

# As heat/cmd/engine.py does, before anything of Heat's is imported.
from oslo_service import backend

if backend.get_backend_type() is None:
    backend.init_backend(backend.BackendType.THREADING)

from heat.engine import scheduler, service

# heat/engine/stack.py, _converge_create_or_update: after it has sent word to a resource that needs
# no other it sleeps for a second, `if scheduler.ENABLE_SLEEP`; so a stack of 100 such resources
# takes 100 s. heat/engine/scheduler.py, TaskRunner._sleep asks for the same: a resource that is
# not ready at once is asked again after a second; those of this benchmark are ready at once.
scheduler.ENABLE_SLEEP = False

_add_thread = service.ThreadGroup.add_thread


def add_thread(self: Any, func: Any, *args: Any, **kwargs: Any) -> Any:
    """Start a thread that leaves its group when it ends.

    heat/engine/service.py, ThreadGroup.add_thread adds each to `self.threads`, from which nothing
    takes it (oslo.service's own add_thread, which it replaces, does). A group, which a stack has
    in each worker, refuses the thread after the 1,000th, alive or not: "Maximum number of threads
    reached". The message that wanted the thread is lost, and the stack waits for ever.
    """
    thread = _add_thread(self, func, *args, **kwargs)
    thread.link(self.thread_done)  # called at once if the thread has ended already
    return thread


service.ThreadGroup.add_thread = add_thread

if __name__ == "__main__":
    from heat.cmd.engine import main

    sys.exit(main())
