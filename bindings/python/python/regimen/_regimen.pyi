"""The part that is Rust. No promise is made about it, but for :class:`Answers`."""

from os import PathLike

VERSION: str

class Answers:
    """The answers to a column: an Arrow column of texts, and a sequence of them."""

    def __arrow_c_array__(self, requested_schema: object | None = None) -> tuple[object, object]:
        """The column, for whoever reads Arrow."""
    def __len__(self) -> int: ...
    def __getitem__(self, at: int, /) -> str: ...

class Clinic:
    def __new__(cls, path: PathLike[str] | str, lang: str | None) -> Clinic: ...
    @property
    def protocols(self) -> list[tuple[str, str, str]]: ...
    def check(self, as_of_day: str) -> str: ...
    def recommend(
        self, protocol: str, record: str, is_toml: bool, as_of_day: str, explain: str, set: list[str]
    ) -> str: ...

class Cohort:
    def __new__(
        cls,
        protocols: list[str],
        as_of_day: str,
        explain: str | None,
        set: list[str],
        strict: bool,
        lang: str | None,
    ) -> Cohort: ...
    @property
    def fingerprint(self) -> str: ...
    @property
    def protocols(self) -> list[tuple[str, str]]: ...
    @property
    def broken(self) -> list[tuple[str, str]]: ...
    def answer(self, records: object, numbers: object | None, whole: bool, jobs: int) -> Answers: ...
