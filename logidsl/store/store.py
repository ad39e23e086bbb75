"""`Store`: a database of runs. SQLite or PostgreSQL, by the address of SQLAlchemy."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, NamedTuple

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine, create_engine, delete, event, func, select, text, update
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError, NoSuchModuleError, SQLAlchemyError
from sqlalchemy.pool import NullPool

from logidsl.diagnostics import InputError
from logidsl.ir import Program
from logidsl.report.model import ImageReport
from logidsl.store.rows import finding_row, insert_all, inserted, kept
from logidsl.store.tables import (
    Batch,
    BatchVerdict,
    Judgement,
    Measurement,
    Picture,
    Run,
    SeenObjects,
    Spec,
    StoredBatchFinding,
    StoredFinding,
)
from logidsl.version import __version__

WAIT_S = 30.0  # for another writer
_LOCK = 0x10C1D51  # any number that others do not use
_MIGRATIONS = Path(__file__).with_name("migrations")


class Place(NamedTuple):
    """Where pictures belong in production; empty where unknown."""

    line: str = ""
    cell: str = ""
    order: str = ""
    lot: str = ""
    serial: str = ""

    def of_batch(self, name: str, key: str | None) -> Place:
        """The same, or that of a batch whose name is one of these, such as `lot`.

        Examples
        --------
        >>> Place(line="2").of_batch("lot", "L17")
        Place(line='2', cell='', order='', lot='L17', serial='')
        """
        return self._replace(**{name: key}) if key and name in self._fields else self


class Value(NamedTuple):
    """A measured value of an object of an image."""

    object: str
    class_: str
    column: str
    value: float


class Entry(NamedTuple):
    """What is kept of an image.

    Parameters
    ----------
    path, digest : str
        The file, and the digest of its content.
    report : ImageReport
        What was found.
    values : sequence of Value
        Measured values.
    time : datetime, optional
        When it was judged; now by default.
    place : Place, optional
        Where it belongs, if not where the others do.
    """

    path: str
    digest: str
    report: ImageReport
    values: Sequence[Value] = ()
    time: datetime | None = None
    place: Place | None = None


class Store:
    """A database of runs.

    Parameters
    ----------
    address : str
        `sqlite:///runs.db`, `postgresql://user@host/database`; a path alone is that of an SQLite file.
    create : bool
        Whether a new database gets its tables.

    Raises
    ------
    InputError
        If it cannot be reached, is of an older or later schema, or is new and `create` is false.
    """

    def __init__(self, address: str, *, create: bool = True) -> None:
        self.engine = _engine(address)
        self.shown = self.engine.url.render_as_string(hide_password=True)
        if not create:
            _refuse_missing(self.engine)
        with self._errors(), self.engine.begin() as connection:
            if connection.dialect.name == "postgresql":  # of two that create tables at once, the second waits
                connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _LOCK})
            found, head = _revision(connection), _head()
            if found == head:
                return
            if found is None and create and not connection.dialect.has_table(connection, Judgement.__tablename__):
                _migrate(connection)
                return
        if found is None:
            raise InputError(f"{self.shown} is not a store of runs")
        known = [step.revision for step in _script().walk_revisions()]
        if found in known:
            raise InputError(f"{self.shown} has an older schema: `logidsl store migrate` brings it up to date")
        raise InputError(f"{self.shown} was written by a later version of logidsl")

    @contextmanager
    def _errors(self) -> Iterator[None]:
        try:
            yield
        except SQLAlchemyError as error:
            reason = str(getattr(error, "orig", None) or error).strip().splitlines()[0]
            if "is locked" in reason or "lock timeout" in reason:
                reason = f"another program has kept it locked for {WAIT_S:g} s"
            raise InputError(f"{self.shown} cannot be used: {reason}") from None

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """A transaction that writes.

        Raises
        ------
        InputError
            If the database goes away, or is locked for too long. Nothing of the transaction is kept.
        """
        with self._errors(), self.engine.begin() as connection:
            if connection.dialect.name == "postgresql":  # in turn, as in SQLite: in another order, two would deadlock
                connection.execute(text(f"SET LOCAL lock_timeout = '{WAIT_S:g}s'"))
                connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _LOCK + 1})
            yield connection

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """A transaction that reads.

        Raises
        ------
        InputError
            If the database goes away.
        """
        with self._errors(), self.engine.connect() as connection:
            yield connection

    def known(self, program: Program, paths: Sequence[str]) -> dict[str, str]:
        """Of some files those that the program has judged, with the digests that they had."""
        found: dict[str, str] = {}
        with self.reading() as connection:
            for start in range(0, len(paths), 500):
                rows = connection.execute(
                    select(Picture.path, Picture.digest)
                    .join(Judgement, Judgement.picture_id == Picture.id)
                    .join(Spec, Spec.id == Judgement.spec_id)
                    .where(Spec.program == program.hash, Picture.path.in_(paths[start : start + 500]))
                    .order_by(Judgement.id)
                )
                found.update((path, digest) for path, digest in rows)
        return found

    def verdicts(self, program: Program, paths: Sequence[str]) -> list[str]:
        """The verdicts of a program on some files, each by its last content."""
        digests = self.known(program, paths)
        found = []
        with self.reading() as connection:
            for start in range(0, len(paths), 500):
                rows = connection.execute(
                    select(Picture.path, Picture.digest, Judgement.verdict)
                    .join(Judgement, Judgement.picture_id == Picture.id)
                    .join(Spec, Spec.id == Judgement.spec_id)
                    .where(Spec.program == program.hash, Picture.path.in_(paths[start : start + 500]))
                )
                found += [verdict for path, digest, verdict in rows if digests[path] == digest]
        return found

    def prune(self, days: float) -> int:
        """Forget judgements older than this; give how many."""
        before = datetime.now(UTC) - timedelta(days=days)
        with self.writing() as connection:
            old = select(Judgement.id).where(Judgement.time < before)
            connection.execute(delete(StoredFinding).where(StoredFinding.judgement_id.in_(old)))
            connection.execute(delete(Measurement).where(Measurement.judgement_id.in_(old)))
            gone = connection.execute(delete(Judgement).where(Judgement.time < before)).rowcount
            used = select(Judgement.run_id)
            verdicts = select(BatchVerdict.id).where(BatchVerdict.time < before)
            connection.execute(delete(StoredBatchFinding).where(StoredBatchFinding.batch_verdict_id.in_(verdicts)))
            connection.execute(delete(BatchVerdict).where(BatchVerdict.time < before))
            judging = select(BatchVerdict.run_id)
            connection.execute(delete(Run).where(Run.started < before, Run.id.not_in(used), Run.id.not_in(judging)))
            judged = (Judgement.spec_id == SeenObjects.spec_id) & (Judgement.picture_id == SeenObjects.picture_id)
            connection.execute(delete(SeenObjects).where(~select(Judgement.id).where(judged).exists()))
            connection.execute(delete(Picture).where(Picture.id.not_in(select(Judgement.picture_id))))
        return int(gone)

    def count(self) -> int:
        """How many judgements there are."""
        with self.reading() as connection:
            return int(connection.execute(select(func.count(Judgement.id))).scalar_one())


class StoredSpec(NamedTuple):
    """A spec as it is kept: the digest of its program, and where the text is from."""

    program: str
    name: str | None
    path: str
    text: str
    parameters: Mapping[str, str]

    @classmethod
    def of(cls, program: Program, text: str) -> StoredSpec:
        """That of a program."""
        parameters = {p.name: p.written for p in program.params if p.value is not None}
        return cls(program.hash, program.name, program.path, text, parameters)


class Writer:
    """One run that is written: its judgements go in by batches, each wholly or not at all.

    Parameters
    ----------
    store : Store
        Where to.
    source : str
        What the run is: `check`, `serve`.
    """

    def __init__(self, store: Store, source: str) -> None:
        self.store, self.id = store, uuid.uuid4().hex
        with store.writing() as connection:
            connection.execute(
                Run.__table__.insert(),  # type: ignore[attr-defined]
                {"id": self.id, "started": datetime.now(UTC), "logidsl": __version__, "source": source},
            )

    def write(
        self,
        spec: StoredSpec,
        place: Place,
        entries: Iterable[Entry],
        beside: Callable[[Connection], None] = lambda _connection: None,
    ) -> int:
        """Keep images; those that another run has judged by the same spec already stay as they are.

        Parameters
        ----------
        spec : StoredSpec
            What judged them.
        place : Place
            Where they belong.
        entries : iterable of Entry
            The images.
        beside : callable
            Writes what belongs to them, in the same transaction.
        """
        many = 0
        with self.store.writing() as connection:
            spec_id = kept(connection, Spec, {"program": spec.program}, spec._asdict())
            batches = dict[Place, int]()
            for entry in entries:
                where = entry.place or place
                if where not in batches:
                    batches[where] = kept(connection, Batch, where._asdict())
                picture = kept(connection, Picture, {"path": entry.path, "digest": entry.digest})
                report = entry.report
                row = {
                    "run_id": self.id, "spec_id": spec_id, "picture_id": picture, "batch_id": batches[where],
                    "image": report.path, "time": entry.time or datetime.now(UTC), "verdict": report.verdict,
                    "labels": list(report.labels), "score": report.score, "objects": report.objects,
                    "error": report.error,
                }  # fmt: skip
                judgement = inserted(connection, Judgement, row)
                if judgement is None:
                    continue
                many += 1
                findings = [{"judgement_id": judgement, **finding_row(f)} for f in report.findings]
                insert_all(connection, StoredFinding, findings)
                values = [
                    {"judgement_id": judgement, "object": v.object, "class": v.class_, "column": v.column,
                     "value": v.value}
                    for v in entry.values
                ]  # fmt: skip
                insert_all(connection, Measurement, values)
            beside(connection)
        return many

    def end(self) -> None:
        """Note that the run is over."""
        with self.store.writing() as connection:
            connection.execute(update(Run).where(Run.id == self.id).values(ended=datetime.now(UTC)))


def migrate(address: str) -> tuple[str | None, str]:
    """Bring a store's schema up to date; give the revisions before and after.

    Raises
    ------
    InputError
        If it cannot be reached, or is of a later version.
    """
    engine = _engine(address)
    shown = engine.url.render_as_string(hide_password=True)
    _refuse_missing(engine)
    try:
        with engine.begin() as connection:
            before = _revision(connection)
            known = [step.revision for step in _script().walk_revisions()]
            if before is not None and before not in known:
                raise InputError(f"{shown} was written by a later version of logidsl")
            if before is None:
                raise InputError(f"{shown} is not a store of runs")
            _migrate(connection)
    except SQLAlchemyError as error:
        raise InputError(f"{shown} cannot be migrated: {error}") from None
    return before, _head()


def _refuse_missing(engine: Engine) -> None:
    """Refuse a file that does not exist, which connecting would create."""
    file = engine.url.database
    if engine.url.get_backend_name() == "sqlite" and file and not Path(file).exists():
        raise InputError(f"no store `{file}`: there is no such file")


def _engine(address: str) -> Engine:
    try:
        url = make_url(address if "://" in address else f"sqlite:///{address}")
        if url.drivername == "postgresql":
            url = url.set(drivername="postgresql+psycopg")
        if url.get_backend_name() not in ("sqlite", "postgresql"):
            raise InputError(f"expected a store in SQLite or PostgreSQL, found `{url.get_backend_name()}`")
        if url.get_backend_name() == "sqlite":
            engine = create_engine(url, connect_args={"timeout": WAIT_S}, poolclass=NullPool)
            event.listen(engine, "connect", _set_up_sqlite)
            event.listen(engine, "begin", lambda connection: connection.exec_driver_sql("BEGIN IMMEDIATE"))
            return engine
        return create_engine(url, poolclass=NullPool)
    except (ArgumentError, NoSuchModuleError, ValueError):
        raise InputError(
            f"expected the address of a store such as `runs.db` or `postgresql://host/runs`, found `{address}`"
        ) from None


def _set_up_sqlite(connection: Any, _record: object) -> None:
    connection.isolation_level = None  # transactions begin where we say so, and lock at once: no upgrade can fail
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = NORMAL")
    connection.execute("PRAGMA foreign_keys = ON")


def _script() -> ScriptDirectory:
    config = Config()
    config.set_main_option("script_location", str(_MIGRATIONS).replace("%", "%%"))
    return ScriptDirectory.from_config(config)


def _head() -> str:
    return str(_script().get_current_head())


def _revision(connection: Connection) -> str | None:
    return MigrationContext.configure(connection).get_current_revision()


def _migrate(connection: Connection) -> None:
    config = Config()
    config.set_main_option("script_location", str(_MIGRATIONS).replace("%", "%%"))
    config.attributes["connection"] = connection
    command.upgrade(config, "head")
