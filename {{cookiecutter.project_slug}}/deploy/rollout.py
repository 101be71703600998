"""Replace the instances of a deploy by those of a release."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Collection

from deploy import engine
from deploy.instances import Instance, find_instances, remove
from deploy.process import STDERR, ignore_interrupts
from deploy.refusal import FAILED, REFUSED, Refusal
from deploy.stack import BALANCER, Stack

POLL_SECONDS = 0.2


class Rollout:
    """Replacement of instances, which has to succeed within some seconds."""

    def __init__(self, stack: Stack, timeout: int) -> None:
        self.stack, self.id = stack, stack.release.id
        self.timeout, self.deadline = timeout, time.monotonic() + timeout
        self.logs = f"run {engine.NAME} compose --project-name {stack.project} logs"

    def ours(self) -> list[Instance]:
        """Return the instances of the release, latest first."""
        return [one for one in find_instances(self.stack.project) if one.release == self.id]

    def run(self, number: int | None, scale: dict[str, int]) -> None:
        """Replace the instances; raises Refusal, after removing what was started."""
        if others := [name for name in scale if name not in self.stack.types]:
            remedy = f"choose one of: {', '.join(self.stack.types)}"
            raise Refusal(REFUSED, f"{self.id} has no process type {others[0]}", remedy)
        found = find_instances(self.stack.project)
        running = [one for one in found if one.is_up()]
        remove([one for one in found if one not in running])
        wanted = dict.fromkeys(self.stack.types, 1)
        for (name, _), count in Counter((one.service, one.release) for one in running).items():
            wanted[name] = max(wanted.get(name, 1), count)
        wanted = {name: scale.get(name) or number or wanted[name] for name in self.stack.types}
        try:
            self.start(running, wanted)
            self.wait(wanted)
            # An interrupted stop would leave earlier instances in service.
            ignore_interrupts()
        except BaseException:
            ignore_interrupts()
            before = [one.id for one in running]
            remove([one for one in self.ours() if one.id not in before])
            raise
        self.stop_others(wanted)

    def start(self, running: Collection[Instance], wanted: dict[str, int]) -> None:
        """Start backing services, and the missing instances beside the running ones."""
        for name in self.stack.backing_services():
            if not self.stack.start([name]):
                raise self.failure(f"compose could not start {name}", f"{self.logs} {name}")
        ours = Counter(one.service for one in running if one.release == self.id)
        every = Counter(one.service for one in running)
        missing = Counter(wanted) - ours
        scale = {name: every[name] + missing[name] for name in missing}
        if scale and not self.stack.start(scale, scale):
            remedy = f"fix the error that compose printed, then run bin/run {self.id}"
            raise self.failure(f"compose could not start {self.id}", remedy)

    def wait(self, wanted: dict[str, int]) -> None:
        """Wait until the instances are ready, and the balancer forwards to them."""
        longer = f"run RUN_TIMEOUT={2 * self.timeout} bin/run {self.id} to wait longer"
        self.wait_until(lambda: self.are_ready(wanted), f"{self.id} was not ready", longer)
        if not (upstreams := self.stack.upstreams()):
            return
        logs = f"{self.logs} {BALANCER}"
        if not self.stack.start([BALANCER]):
            raise self.failure("compose could not start the balancer", logs)
        first = next(one.id for one in self.ours() if one.service in upstreams)
        problem = f"balancer did not reach {self.id}"
        self.wait_until(lambda: self.stack.is_reached(first), problem, logs)

    def wait_until(self, condition: Callable[[], bool], problem: str, remedy: str) -> None:
        """Poll a condition; raises Refusal at the deadline, or once an instance has exited."""
        while not condition():
            if any(one.state in ("exited", "restarting") for one in self.ours()):
                fix = "fix the error in its log, then run bin/build"
                raise self.failure(f"{self.id} exited at start", fix)
            if time.monotonic() > self.deadline:
                raise self.failure(f"{problem} within {self.timeout} s", remedy)
            time.sleep(POLL_SECONDS)

    def are_ready(self, wanted: dict[str, int]) -> bool:
        """Return True if enough instances of each process type are ready."""
        return not Counter(wanted) - Counter(one.service for one in self.ours() if one.is_ready())

    def failure(self, problem: str, remedy: str) -> Refusal:
        """Print the end of the log of an instance, and return the refusal."""
        for one in self.ours()[:1]:
            engine.call(["logs", "--tail", "3", one.id], stdout=STDERR)
        return Refusal(FAILED, problem, f"{remedy} (earlier instances keep running)")

    def stop_others(self, wanted: dict[str, int]) -> None:
        """Remove instances of other releases, and those of this one beyond their number."""
        ours = self.ours()
        kept = [[one for one in ours if one.service == name][: wanted[name]] for name in wanted]
        ids = {one.id for each in kept for one in each}
        if remove([one for one in find_instances(self.stack.project) if one.id not in ids]):
            remedy = f"run {engine.NAME} ps, then repeat bin/run {self.id}"
            raise Refusal(FAILED, "earlier instances could not be removed", remedy)
