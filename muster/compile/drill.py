"""A plan laid out as a drill: a group waits for the checks of the groups it needs. Pure."""

from __future__ import annotations

from datetime import timedelta
from typing import Any, Literal

from muster.compile.cleanup import finalisers, hold
from muster.compile.graph import Graph, LeftOut, Step, StepKind
from muster.compile.order import Gate, behind, groups_in_order, merged
from muster.errors import InputError
from muster.plan.actions import Action, Operation, Touches
from muster.plan.checks import WORKER, Check, decides
from muster.plan.codes import CODES, hint_for
from muster.plan.model import RecoveryPlan, Vm, VmGroup

SUPPORT = "support"
SCOPE_OF_PLAN = "plan"  # in ids of checks that belong to no group
_PREFLIGHT = timedelta(minutes=10)
_ISOLATE = timedelta(minutes=20)
_TEST_FAILOVER = timedelta(minutes=45)
_ACTION_MARGIN = timedelta(minutes=2)  # to start and read back, on top of the plan's own deadline
_PROBE_MARGIN = timedelta(minutes=10)  # run-command has to be accepted by the VM agent first


class CannotDrill(InputError):
    """The plan asks for something that drills of this version do not do. Nothing was sent."""

    key: str | None = None  # of the plan that asks for it, where it is one key


def compile_drill(plan: RecoveryPlan, *, keep_for: timedelta | None = None) -> Graph:
    """Lay a plan out as a drill.

    Args:
        plan: What to drill.
        keep_for: How long to keep the copies for people, in place of what the plan says.

    Raises:
        CannotDrill: PLAN-019, PLAN-037, PLAN-050, PLAN-051 or PLAN-052.
    """
    _refuse_what_is_missing(plan)
    layout = _Layout(plan)
    layout.opening()
    for group in groups_in_order(plan):
        layout.group(group)
    layout.application_checks()
    held = hold(plan, keep_for)
    return Graph(
        plan=plan.plan,
        operation=Operation.DRILL,
        steps=tuple(layout.steps),
        finalisers=(*held, *finalisers(plan, behind=held)),
        left_out=tuple(_left_out(plan)),
    )


def why_not_in_a_drill(action: Action) -> str | None:
    """Why a drill leaves an action out (safety rule 7); None if it runs.

    What may run is named, not what may not: anything unforeseen stays out.
    """
    if not action.runs_in(Operation.DRILL):
        return f"only in {', '.join(action.only or ())}"
    match action.effective_touches:
        case Touches.TEST | Touches.NOTHING:
            return None
        case Touches.PRODUCTION:
            return "touches production"
        case None:
            return "does not say what it touches"


def _left_out(plan: RecoveryPlan) -> list[LeftOut]:
    return [
        LeftOut(group.name, action.title, why)
        for group, _, _, action in plan.actions()
        if (why := why_not_in_a_drill(action))
    ]


def _refuse_what_is_missing(plan: RecoveryPlan) -> None:
    if plan.mode == "native":
        raise _cannot("PLAN-050", plan, "", key="mode")
    if plan.start == "together":
        raise _cannot("PLAN-051", plan, "", key="start")
    for check in (*(one for group in plan.groups for one in group.checks), *plan.checks):
        if check.runs_in_vm is None:
            raise _cannot("PLAN-037", plan, f": {check.title}")
        if check.runs_in_vm == WORKER:
            raise _cannot("PLAN-052", plan, f": {check.title}")


def _cannot(code: str, plan: RecoveryPlan, what: str, key: str | None = None) -> CannotDrill:
    message = f"{plan.plan}: {CODES[code].title}{what}"
    refusal = CannotDrill(message, code=code, hint=hint_for(code))
    refusal.key = key
    return refusal


class _Layout:
    """The steps so far, and what waits for what; made anew for each compilation."""

    def __init__(self, plan: RecoveryPlan) -> None:
        self.plan = plan
        self.steps: list[Step] = []
        self.boots: dict[str, Step] = {}
        self.gates: dict[str, Gate] = {}  # behind each group
        self.first = Gate(())

    def add(self, step: Step) -> Step:
        self.steps.append(step)
        return step

    def opening(self) -> None:
        """Preflight, points of all VMs at once, isolation; then the support VMs."""
        name = self.plan.plan
        before: tuple[str, ...] = ()
        for kind, timeout in (
            (StepKind.PREFLIGHT, _PREFLIGHT),
            (StepKind.RECOVERY_POINTS, _PREFLIGHT),
            (StepKind.ISOLATE, _ISOLATE),
        ):
            step = self.add(Step(kind.value, kind, name, needs=before, timeout=timeout))
            before = (step.id,)
        isolated = Gate(before)
        boots = [self.bring_up(vm, SUPPORT, isolated) for vm in self.plan.support.vms]
        self.first = merged([isolated, behind(boots, isolated)])

    def bring_up(self, vm: Vm, group: str, gate: Gate) -> Step:
        """Test failover of one VM, then its boot; returns the boot."""
        failover = self.add(
            Step(
                f"test-failover:{vm.name}",
                StepKind.TEST_FAILOVER,
                vm.name,
                group,
                needs=gate.needs,
                after=gate.after,
                timeout=_TEST_FAILOVER,
                critical=vm.critical,
            )
        )
        boot = self.add(
            Step(
                f"boot:{vm.name}",
                StepKind.BOOT,
                vm.name,
                group,
                needs=(failover.id,),
                timeout=vm.boot_within,
                critical=vm.critical,
            )
        )
        self.boots[vm.name] = boot
        return boot

    def group(self, group: VmGroup) -> None:
        """One group behind those it needs; leaves its gate for those that need it."""
        gate = merged([self.gates[name] for name in self.plan.needs_of(group)] or [self.first])
        ready, _ = self.actions(group, "before", gate)
        boots = [self.bring_up(vm, group.name, ready) for vm in group.vms]
        up = behind(boots, ready)
        done, actions = self.actions(group, "after", up)
        relied_upon = tuple(step.id for step in actions if step.critical)[-1:]
        waited_for = _ids([*boots, *actions[-1:]])
        own = {vm.name for vm in group.vms}
        checked = []
        for vm in _vms_that_check(group.checks):
            # The boot of an own VM rests on `ready`; one that came up earlier does not.
            held = relied_upon or (() if vm in own else ready.needs)
            checked.append(self.checks(group.name, group.checks, vm, Gate(held, waited_for)))
        # `done` holds the last critical action, or else the boots that are relied upon.
        self.gates[group.name] = merged([behind([*boots, *checked], ready), done])

    def actions(
        self, group: VmGroup, side: Literal["before", "after"], gate: Gate
    ) -> tuple[Gate, list[Step]]:
        """The actions of one side in sequence; the gate behind them, and their steps."""
        steps: list[Step] = []
        for index, action in enumerate(group.before if side == "before" else group.after):
            if why_not_in_a_drill(action) is None:
                step = self.add(self.action(group, side, index, action, gate))
                steps.append(step)
                gate = gate.then(step)
        return gate, steps

    def action(self, group: VmGroup, side: str, index: int, action: Action, gate: Gate) -> Step:
        vm = action.run_command.vm if action.run_command else None
        if vm is not None:
            gate = merged([gate, Gate((self.boot_of(vm).id,))])
        return Step(
            f"action:{group.name}.{side}.{index + 1}",
            StepKind.ACTION,
            action.title,
            group.name,
            needs=gate.needs,
            after=gate.after,
            timeout=_time_for(action),
            # What runs in an optional VM is as optional as that VM.
            critical=action.critical and (vm is None or self.plan.vm(vm).critical),
            params={"group": group.name, "side": side, "index": index},
        )

    def checks(self, scope: str | None, checks: tuple[Check, ...], vm: str, gate: Gate) -> Step:
        """All checks of one scope that run in one VM: one step, one probe."""
        indices = [number for number, check in enumerate(checks) if check.runs_in_vm == vm]
        mine = [checks[number] for number in indices]
        named = [self.boot_of(name) for name in dict.fromkeys(n for c in mine for n in c.vms)]
        gate = merged([gate, behind(named, Gate(())), Gate((self.boot_of(vm).id,))])
        params: dict[str, Any] = {"scope": scope, "checks": indices}
        return self.add(
            Step(
                f"checks:{scope or SCOPE_OF_PLAN}.{vm}",
                StepKind.CHECKS,
                vm,
                scope,
                needs=gate.needs,
                after=gate.after,
                timeout=sum(map(_time_for_check, mine), _PROBE_MARGIN),
                critical=any(decides(check, self.plan.is_critical) for check in mine),
                params=params,
            )
        )

    def boot_of(self, vm: str) -> Step:
        """The boot of a VM that is up by now; the loader refuses plans where it is not."""
        if vm not in self.boots:
            raise _cannot("PLAN-019", self.plan, f": {vm}")
        return self.boots[vm]

    def application_checks(self) -> None:
        """Checks of the whole plan, when every group has come to its end."""
        gate = merged([self.gates[group.name] for group in self.plan.groups])
        for vm in _vms_that_check(self.plan.checks):
            self.checks(None, self.plan.checks, vm, gate)


def _ids(steps: list[Step]) -> tuple[str, ...]:
    return tuple(step.id for step in steps)


def _vms_that_check(checks: tuple[Check, ...]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(check.runs_in_vm for check in checks if check.runs_in_vm))


def _time_for(action: Action) -> timedelta:
    match action.kind:
        case "runbook":
            assert action.runbook is not None  # noqa: S101 - `kind` says so
            return action.runbook.start_within + action.runbook.timeout + _ACTION_MARGIN
        case "run_command":
            assert action.run_command is not None  # noqa: S101
            return action.run_command.timeout + _PROBE_MARGIN
        case "manual":
            assert action.manual is not None  # noqa: S101
            return action.manual.within + _ACTION_MARGIN
        case "wait":
            assert action.wait is not None  # noqa: S101
            return action.wait.for_ + _ACTION_MARGIN


def _time_for_check(check: Check) -> timedelta:
    """An upper bound: as if the checks of a VM ran one after the other."""
    if check.run_command:
        return check.run_command.timeout
    asked = check.tcp or check.http or check.data_loss or check.unreachable
    return asked.within if asked else timedelta()
