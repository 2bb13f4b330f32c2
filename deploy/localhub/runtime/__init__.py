"""Runs Spaces on this machine: builds a commit, serves it behind a stable address, keeps its logs and its state.

A `Supervisor` has a `Space` for each, which is asked as `supervision.SpaceRuntime`. Its `AttemptQueue` takes one
`Attempt` to bring a commit up at a time; the `Builder` builds it, starts it with a `Runner` (containers or programs),
waits until it answers and gives a `Revision`, which the `Router` puts behind the `Proxy` of the address in the place of
the one before. `Access` says which visitors are let in. The `Rollout` is what is wished, what serves and how the newest
attempt ended; the `Reporter` tells it to the Hub as a `RuntimeState` and keeps it on disk as a `Record`. A program runs
in a `Place` (folders and ports) as a `Child`, with a reaper above it that takes all that it started down with it; an
`AppSpec` is what could be read of its Dockerfile.
"""
