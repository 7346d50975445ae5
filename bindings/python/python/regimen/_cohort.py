"""A column of records, a column of answers."""

from __future__ import annotations

import os
import threading
import warnings
from datetime import date
from os import PathLike, fspath
from typing import Any, Iterable, Mapping

from . import _regimen
from ._asked import Value, day, settings
from ._regimen import Answers


class Cohort:
    """What is asked of every record of a column: protocols, on a day.

    What is said of a record depends on that record and on its number, and on nothing that stands beside it. So a column that is cut into
    partitions, shuffled or answered twice gives the same bytes, and they are the bytes that ``regimen batch`` writes.

    ``protocols``
        A clinic's folder, a protocol's folder or file, or several of these. Of a clinic's folder, those that are in force are asked.
    ``as_of``
        The day for which to answer, a date or ``"2026-03-02"``.
    ``explain``
        How much of the reasoning each answer holds: ``None`` for the decision alone, ``"verdict"``, ``"rules"`` or ``"full"``.
    ``set``
        Parameters to set, within their ranges.
    ``strict``
        Whether anything doubtful in a record is a mistake.
    ``lang``
        The language of texts and labels, as ``"de"``.
    ``jobs``
        How many records are worked on at once; by default, one per core. Where the engine itself works on many partitions at once, as Spark
        does, say 1. The answers do not depend on it.
    ``expect``
        The ``fingerprint`` of the cohort that this one has to be the same as.

    A cohort can be pickled: what is sent is the paths and the fingerprint. Whoever receives it reads the protocols anew, and refuses
    where anything is other than it was.

    :raises RegimenError: with every mistake in the files, or where a protocol is not in force on the day, or retired.
    :raises ValueError: where the cohort is not the expected one, or a parameter cannot be set so.
    """

    def __init__(
        self,
        protocols: str | PathLike[str] | Iterable[str | PathLike[str]],
        as_of: date | str,
        *,
        explain: str | None = None,
        set: Mapping[str, Value] | None = None,
        strict: bool = False,
        lang: str | None = None,
        jobs: int | None = None,
        expect: str | None = None,
    ) -> None:
        if jobs is not None and jobs < 1:
            raise ValueError("`jobs` is how many records are worked on at once, at least 1")
        given = [protocols] if isinstance(protocols, (str, PathLike)) else list(protocols)
        # Whoever receives it may be in another folder.
        paths = [os.path.abspath(fspath(one)) for one in given]
        self._asked = (paths, day(as_of), explain, settings(set), strict, lang)
        self._jobs = jobs
        self._cohort = _regimen.Cohort(*self._asked)
        if expect is not None and expect != self.fingerprint:
            raise ValueError(
                f"these are not the protocols, the options or the regimen that were meant: {', '.join(paths)} "
                f"has the fingerprint {self.fingerprint}, and {expect} is expected"
            )
        for id, why in self._cohort.broken:
            warnings.warn(f"{id}: {why}", stacklevel=2)

    @property
    def fingerprint(self) -> str:
        """The SHA-256 of everything that the answers depend on, beside the records: the version of regimen, the day, the protocols with
        their dictionary, and what is asked of them."""
        return self._cohort.fingerprint

    @property
    def protocols(self) -> list[tuple[str, str]]:
        """The protocols that answer, by id and version."""
        return self._cohort.protocols

    @property
    def broken(self) -> list[tuple[str, str]]:
        """The ids of the protocols that cannot answer because of mistakes in their files, each with the reason. Every answer says so."""
        return self._cohort.broken

    def answer(self, records: Any, numbers: Any = None, *, whole: bool = False) -> Answers:
        """Answers a column of records, one for one and in order.

        ``records`` is an Arrow column of texts, each a record in JSON: whatever has ``__arrow_c_array__`` or ``__arrow_c_stream__``, as
        the arrays of pyarrow and the series of Polars. ``numbers`` is a column of whole numbers of the same length, each record's own: what
        the mistakes and doubts of a record call its ``line``. Without it, records are counted from 1 within the call, which in an
        engine that cuts columns depends on where it cuts.

        The answers are an Arrow column of texts: large ones where the records are large, or views. A row with nothing in it has an
        answer too, which says so.

        ``whole`` says that these are all the records that there are: then, of a patient who has two, the second says so (R423), as in
        ``regimen batch``. Otherwise nobody is told, since that would depend on which records come together in a call: where an engine cuts
        columns, group by ``patient`` to find one.

        Other threads can use Python meanwhile.
        """
        return self._cohort.answer(records, numbers, whole, self._jobs or os.cpu_count() or 1)

    def __reduce__(self) -> tuple[Any, ...]:
        return _reload, (*self._asked, self._jobs, self.fingerprint)

    def __repr__(self) -> str:
        names = ", ".join(f"{id} {version}" for id, version in self.protocols)
        return f"<Cohort of {names} as of {self._asked[1]}, {self.fingerprint[:8]}>"


_loaded: dict[Any, Cohort] = {}
_loading = threading.Lock()


def _reload(
    paths: list[str],
    as_of: str,
    explain: str | None,
    set: list[str],
    strict: bool,
    lang: str | None,
    jobs: int | None,
    expect: str,
) -> Cohort:
    """A cohort that was pickled. Engines send the same one with every task: it is read once, since another one has another fingerprint."""
    key = (tuple(paths), as_of, explain, tuple(set), strict, lang, jobs, expect)
    with _loading:
        if key not in _loaded:
            values = dict(one.split("=", 1) for one in set)
            made = Cohort(paths, as_of, explain=explain, set=values, strict=strict, lang=lang, jobs=jobs, expect=expect)
            _loaded.clear()
            _loaded[key] = made
        return _loaded[key]
