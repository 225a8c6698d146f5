import json
import sys
import tempfile
from pathlib import Path

import tests.survival.weather as w
from tests.rehearsal.arm_wire import azure
from tests.rehearsal.bench import Bench

for s in sys.argv[1:]:
    with (
        tempfile.TemporaryDirectory() as f,
        azure(w.the_world(), Path(f) / "a", speed=120, faults=[s]) as r,
    ):
        b = Bench(r, Path(f) / "h")
        e = b.drill(w.the_plan())
        print("=====", s, e.code)
        for row in w.faults_of(r)["story"]:
            print("   story", row)
        rec = b.evidence(e.json()["run"]).record()
        for k in ("deviations", "findings", "expected_deviations"):
            if rec.get(k):
                print(k, json.dumps(rec[k])[:1500])
        print([k for k in rec])
        for st in rec["steps"]:
            if st.get("deviations") or st["status"] != "ok":
                print(json.dumps(st)[:600])
        print(
            "\n".join(
                l for l in e.err.splitlines() if "deviat" in l.lower() or "!!" in l or "--" in l
            )
        )
