"""The evidence of one run as a verifier finds it: in a journal, or as a folder copied from one."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from muster.errors import RunNotFound
from muster.journal.segments import SEGMENT, run_prefix
from muster.journal.stores import DirectoryStore, Store

Source = Path | tuple[Store, str]
"""A folder of evidence, or a journal's store and the id of a run in it."""


@dataclass(frozen=True, slots=True)
class Bundle:
    """Files of one run, named as within its folder."""

    store: Store
    prefix: str  # of the run's files in the store
    run: str | None  # as the journal files it; a copied folder may have any name
    has_register: bool  # whether the store is a whole journal

    @classmethod
    def of(cls, source: Source) -> Bundle:
        """The bundle at a source; a folder that stands in its journal is seen with the register.

        Raises:
            RunNotFound: There is no segment.
        """
        if isinstance(source, Path):
            bundle = _of_folder(source.resolve())
        else:
            store, run = source
            bundle = cls(store, run_prefix(run), run, has_register=True)
        if not bundle.segments():
            raise RunNotFound(f"No journal of a run was found at {bundle.where(source)}")
        return bundle

    @staticmethod
    def where(source: Source) -> str:
        return str(source) if isinstance(source, Path) else f"run {source[1]}"

    def names(self) -> list[str]:
        return [name.removeprefix(self.prefix) for name in self.store.names(self.prefix)]

    def segments(self) -> list[str]:
        return [name for name in self.names() if SEGMENT.fullmatch(name)]

    def has(self, name: str) -> bool:
        return self.store.exists(self.prefix + name)

    def read(self, name: str) -> bytes:
        return self.store.read(self.prefix + name)


def _of_folder(folder: Path) -> Bundle:
    journal = folder.parent.parent
    if folder.parent.name == "runs" and (journal / "plans").is_dir():
        run = folder.name
        return Bundle(DirectoryStore(journal), run_prefix(run), run, has_register=True)
    return Bundle(DirectoryStore(folder), "", None, has_register=False)
