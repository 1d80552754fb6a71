"""What the page docs/sizing.md says in words; ``sizing_page`` fills in the figures."""

from __future__ import annotations

HEAD = """\
# Sizing

What a Mistral cluster carries with wfbreak's stacks, and what breaks first. `make sizing`
measures, simulates and writes this page (`make sizing SIZING=--render` from what was measured
before). A resource of a stack is a task of its workflow.

**Rule of thumb**, for engines whose database answers over a network of {trip} ms:

- **One engine process makes {rate} resources a second**: {stacks} stacks of 30 an hour. It does
  one thing at a time, so more comes of more engine processes, on one machine or on several.
- **What waits costs more than what is made.** One engine keeps up with {most_minute} resources in
  flight of which each takes a minute, {most_ten} where each takes ten. Plan with half of that for
  each engine: then a crowd, or the end of an engine, makes nothing late.
- **One core of the database for {per_core} engines**, one executor for {per_executor} (without
  what a cloud's client takes), one API for {per_api}.
- **The embedded engine** takes {embedded} ms of CPU for each resource of the same stacks and can
  use one core: {alone} a second at the most. One engine of a cluster is {ratio} times as fast, so
  from {faster} engines on a cluster makes it faster; {largest} make {largest_ratio} times as
  much, if the database has the cores.

![What a cluster carries](sizing.svg)

"""

MEASURED = """\
## Measured

{stacks}, layered (each resource
needs three others), all begun at once; the resources are empty,
so that what is seen is the engine's work. **All processes of the cluster, the database, the
broker and those who begin the stacks share two cores, and other work went on beside.** So the
seconds and the stacks an hour are bound by two cores for all of it, and a second engine cannot
make anything faster here. What the model needs is the CPU of each kind of process; that, too, is
more on a core that is shared than on one of one's own.

"""

MACHINE = """
({machine}; PostgreSQL with `fsync`.)

"""

COSTS = """\
## What a resource costs, and what a try

Measured with one engine and one executor. A resource that is not ready yet is tried again after
1, 1, 2, 3, 5, 8, 13, 20 and then every 30 s, after an hour every 60 s (`wfbreak/again.py`). That
makes {minute} tries in vain where it takes a minute, {ten} where it takes ten, and each is an
action of its own. ({counted} were counted for {waiting} resources that took {after:.0f} s, on an
engine that was late.)

"""

BESIDE = """
What an engine or an API does beside, measured alone:

"""

HELD = """\
## At rest, and what is held

"""

HELD_TOO = """
Memory is PSS of one process. Under load the two engines and two APIs held {database} connections
to the database at the most (each process has one transaction at a time), and all six processes
{broker} to the broker. A resource that waits for its next try is a job in the memory of the
engine that has scheduled it: {job} kB, and more with a token of Keystone's. 100,000 in flight are
{all_jobs} GB, of all engines together.

"""

CHECKED = """\
## The simulation against what was measured

`benchmarks/simulation.py` has the cluster as queues (simpy). It is fed with the costs of the row
with one engine, and is told how many of the two cores the others left to the cluster. The first
row therefore checks how costs become time, the others foretell. Where the machine was full (cores
it had and cores others had are two), this checks the costs more than the queues: an engine's own
limit, one transaction at a time, is not reached on such a machine, and rests on Mistral's code
(tests/bench/test_one_transaction.py).

"""

CARRIED = """
## Modelled: stacks that wait for nothing

Stacks of 30, eight for each engine, begun at once. A database beside the engines, and one that is
{trip} ms away, of {wide} or {narrow} cores:

"""

FLOWN = """
## Modelled: resources in flight

Stacks of {size}; for each that is ready another begins. How many engines are busy all the time
with it, by how long a resource takes, looks after the stacks included:

"""

LATE = """
Simulated, where each takes ten minutes: how late 95 of 100 steps of an engine's are at the most,
in seconds. Where engines fall behind, it grows until the tries are as rare as the engines can do
them.

"""

FIRST = """
## What breaks first, in this order, and what to do

1. **The engines' time.** A process of Mistral's has one transaction at a time on whatever
   database (`tx_lock` in mistral/db/sqlalchemy/base.py; tests/bench/test_one_transaction.py) and
   in it waits for the database, its disk and the network: {statements} statements for each
   resource. More threads (`executor_thread_pool_size`, `[scheduler] in_memory_workers`) do not
   help. More engine processes do, each with a `[engine] host` of its own; so does a database that
   is near and has a fast disk.
2. **Then everything is late at once.** What is {pickup:.0f} s late any engine takes at its next
   look (`[scheduler] pickup_job_after`), all that there is, and does it one after the other; what
   it has not done {captured:.0f} s later the next one takes, too (`captured_job_timeout`), and a
   task runs twice. About {batch} late tries are enough. Set `[scheduler] batch_size = {advised}`,
   and `captured_job_timeout` higher. An action of which nobody has heard for {lost:.0f} s is
   taken for lost and run again, which makes it worse: raise `[action_heartbeat]
   max_missed_heartbeats` and `first_heartbeat_timeout`, and what an executor's end takes comes
   back so much later. (Read in Mistral's code, not simulated. A task that runs twice has one
   result, [cluster.md](cluster.md#6-what-faults-do), but costs twice.)
3. **The database's cores.** Its connections are not what breaks: one or two for each engine and
   API.
4. **The database's disk.** A try leaves {growth} kB of rows: a resource that takes ten minutes
   {growth_ten} kB, 100,000 of them {growth_all} GB. `[execution_expiration_policy]`
   (`older_than`, `evaluation_interval`) has Mistral forget what has ended; a stack that is to be
   updated or deleted must be younger than that.
5. **An engine's memory, and its looks through it.** At each join Mistral looks through all jobs
   in its engine's memory: {pass_each} µs a job, {pass_all} ms a look with 10,000 in one engine.
   More engines have fewer each. (It is part of what is simulated.)
6. **An API** is one process. To show a stack of {shown} takes {show} ms of it, as much as the
   beginning of {shown_as} resources: dashboards and scripts that look every second are what fills
   it. Have several behind a balancer.

7. **With Keystone: after an executor's end.** While a resource waits for a try that is in nobody's
   name, since its action was lost, the look after its stack reads all jobs of the scheduler's
   table (`behalf.lend`): {each} µs a job. Where {alone} resources of that kind are in flight at a
   time, in stacks of {size}, that is one engine's whole time until their tries are made.

Executors and the broker are nowhere near their ends in any row, nor is the engines' look at the
scheduler's table each second.

"""

ASSUMED = """\
## What is assumed, and what it does

- **The network** between an engine and its database: {trip} ms for each statement, which makes
  {trips} ms for each resource, and in proportion. (On loopback it is in the CPU that was
  measured.)
- **The disk** is this machine's: {away:.0f} % of the time for which a resource keeps an engine.
- **All of an engine's CPU** counts as within its one transaction. What is beside it (messages,
  logs) goes on while another thread's transaction waits, so that an engine is better than
  modelled: at the most as if it were kept for its own CPU alone, {best:.2f} times as fast.
- **Threads of one process share one core**: CPython's global lock. Two cores for an engine gain
  nothing in the model.
- **An engine's work for a resource, or a try, is {visits} steps of equal length**, served in the
  order in which they come. That decides how late steps are, not how much is carried.
- **Costs do not grow** with the number of engines or the size of tables. Measured: two engines on
  the same cores, and a job looked for among {jobs} (no growth). Not measured: many engines that
  wait for each other's rows, tables of many millions of rows.
- **What real resources cost an executor** (openstacksdk, TLS) is not in it. It decides how many
  executors are wanted, and nothing else.
- **No joins wait** in the stacks in flight: a look at them costs more, when it is asked whether
  their turn has come.
- **The database** has {wide} cores where nothing else is said, the broker {broker}; executors are
  half as many as engines, APIs an eighth.
- **A core** is one of this machine's, as it was: others used it, too. On cores of one's own, all
  figures are better.
"""
