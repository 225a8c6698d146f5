"""`make soak`: drills at random for as long as one likes; a failure names its seed."""

from __future__ import annotations

import argparse
import logging
import sys
import time
from collections import Counter
from collections.abc import Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor, as_completed
from multiprocessing import get_context

from tests.soak.batches import PER_BATCH, Batch, run_batch
from tests.soak.generated import scenario_of
from tests.soak.judge import Violated, drill_and_judge


def main() -> int:
    """Exit code 0 if every drill kept every rule, else 1."""
    asked = _arguments()
    if asked.generated:
        return _drill_generated(asked.generated)
    vms = (asked.least or asked.vms, asked.vms)
    began = time.monotonic()
    batches = list(_told(_batches(asked, vms), asked.drills, began))
    _sum_up(batches, time.monotonic() - began)
    return 1 if any(batch.failure for batch in batches) else 0


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.soak", description=__doc__)
    parser.add_argument("--drills", type=int, default=200, help="how many, in all")
    parser.add_argument("--vms", type=int, default=50, help="of each drill, at most")
    parser.add_argument("--least", type=int, default=0, help="… at least; as many as --vms if 0")
    parser.add_argument("--seed", type=int, default=1, help="of the first batch")
    parser.add_argument("--workers", type=int, default=2, help="processes")
    parser.add_argument(
        "--generated",
        metavar="FIGURES",
        help="instead: one drill of what `muster simulate --generate FIGURES` writes",
    )
    return parser.parse_args()


def _drill_generated(figures: str) -> int:
    """One drill in which nothing is odd: 0 if it keeps every rule, and passes."""
    scenario = scenario_of(figures)
    logging.disable(logging.CRITICAL)
    began, spent = time.monotonic(), time.process_time()
    try:
        drilled = drill_and_judge(scenario)
    except Violated as err:
        print(err)  # noqa: T201
        return 1
    finally:
        took, cpu = time.monotonic() - began, time.process_time() - spent
        print(f"{figures}: {took:.0f} s, {cpu:.0f} s of CPU")  # noqa: T201
    lasted = drilled.ended - drilled.began
    print(  # noqa: T201
        f"{len(drilled.events)} events, {len(drilled.wire)} requests, "
        f"{lasted:.0f} s of Azure's time"
    )
    return 0


def _batches(asked: argparse.Namespace, vms: tuple[int, int]) -> Iterator[Batch]:
    """One seed after the other, in several processes; each as soon as it is done."""
    seeds = range(asked.seed, asked.seed + -(-asked.drills // PER_BATCH))
    with ProcessPoolExecutor(asked.workers, mp_context=get_context("spawn")) as pool:
        sizes = [min(PER_BATCH, asked.drills - at * PER_BATCH) for at in range(len(seeds))]
        waiting = [
            pool.submit(run_batch, number, vms, size)
            for number, size in zip(seeds, sizes, strict=True)
        ]
        for done in as_completed(waiting):
            yield done.result()


def _told(batches: Iterable[Batch], drills: int, began: float) -> Iterator[Batch]:
    done = 0
    for batch in batches:
        done += batch.drills
        took = time.monotonic() - began
        verdict = (
            "FAILED"
            if batch.failure
            else ", ".join(f"{count} {ending}" for ending, count in sorted(batch.endings.items()))
        )
        print(f"{took:6.0f} s  seed {batch.seed}: {verdict}  ({done} of {drills} drills)")  # noqa: T201
        if batch.failure:
            print(f"\n{batch.failure}\n\n  again, exactly:  {_command(batch)}\n")  # noqa: T201
        sys.stdout.flush()
        yield batch


def _command(batch: Batch) -> str:
    least, most = batch.vms
    return (
        f"python -m tests.soak --seed {batch.seed} --drills {PER_BATCH} --vms {most} "
        f"--least {least} --workers 1"
    )


def _sum_up(batches: list[Batch], seconds: float) -> None:
    drills, machines = (
        sum(getattr(one, name) for one in batches) for name in ("drills", "machines")
    )
    endings = sum((batch.endings for batch in batches), Counter[str]())
    failed = [str(batch.seed) for batch in batches if batch.failure]
    said = ", ".join(f"{count} {ending}" for ending, count in sorted(endings.items()))
    pace = drills / seconds * 60
    print(  # noqa: T201
        f"{drills} drills of {machines} VMs in {seconds:.0f} s: {pace:.1f} drills a minute. "
        f"{said}. Failing seeds: {', '.join(failed) or 'none'}."
    )


if __name__ == "__main__":
    sys.exit(main())
