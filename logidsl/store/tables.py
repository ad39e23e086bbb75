"""The tables of a store. Changing them takes a migration in `migrations/versions`."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import (
    JSON,
    DateTime,
    Float,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Text,
    UniqueConstraint,
)
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column


class Base(DeclarativeBase):
    """All tables; constraints have names, so that migrations can change them on every database."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s",
            "pk": "pk_%(table_name)s",
        }
    )


class Spec(Base):
    """A spec: what it means, as a digest, and its text when it was first used."""

    __tablename__ = "specs"
    id: Mapped[int] = mapped_column(primary_key=True)
    program: Mapped[str] = mapped_column(String(64), unique=True)
    name: Mapped[str | None] = mapped_column(Text)
    path: Mapped[str] = mapped_column(Text)
    text: Mapped[str] = mapped_column(Text)
    parameters: Mapped[dict[str, str]] = mapped_column(JSON)


class Batch(Base):
    """Where pictures belong in production; the names are those of ISA-95. Empty where unknown."""

    __tablename__ = "batches"
    __table_args__ = (UniqueConstraint("line", "cell", "order", "lot", "serial"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    line: Mapped[str] = mapped_column(String(200), default="")
    cell: Mapped[str] = mapped_column(String(200), default="")
    order: Mapped[str] = mapped_column(String(200), default="")
    lot: Mapped[str] = mapped_column(String(200), default="")
    serial: Mapped[str] = mapped_column(String(200), default="")


class Run(Base):
    """A run of `check`, or the service's life between two starts."""

    __tablename__ = "runs"
    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    started: Mapped[datetime] = mapped_column(DateTime(timezone=True), index=True)
    ended: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    logidsl: Mapped[str] = mapped_column(String(40))
    source: Mapped[str] = mapped_column(String(40))


class Picture(Base):
    """A file that was judged: its name, and the digest of its content."""

    __tablename__ = "pictures"
    __table_args__ = (UniqueConstraint("path", "digest"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    path: Mapped[str] = mapped_column(String(1000))
    digest: Mapped[str] = mapped_column(String(140))


class Judgement(Base):
    """The verdict of a spec on an image of a picture's file; each once, whoever judged it."""

    __tablename__ = "judgements"
    __table_args__ = (
        UniqueConstraint("spec_id", "picture_id", "image"),
        Index("ix_judgements_time_spec_id", "time", "spec_id"),
    )
    id: Mapped[int] = mapped_column(primary_key=True)
    run_id: Mapped[str] = mapped_column(ForeignKey("runs.id", ondelete="CASCADE"), index=True)
    spec_id: Mapped[int] = mapped_column(ForeignKey("specs.id"))
    picture_id: Mapped[int] = mapped_column(ForeignKey("pictures.id"), index=True)
    batch_id: Mapped[int] = mapped_column(ForeignKey("batches.id"), index=True)
    image: Mapped[str] = mapped_column(String(1000))
    time: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    verdict: Mapped[str] = mapped_column(String(8))
    labels: Mapped[list[str]] = mapped_column(JSON)
    score: Mapped[float | None] = mapped_column(Float)
    objects: Mapped[int | None] = mapped_column(Integer)
    error: Mapped[str | None] = mapped_column(Text)


class StoredFinding(Base):
    """A reason for a verdict."""

    __tablename__ = "findings"
    id: Mapped[int] = mapped_column(primary_key=True)
    judgement_id: Mapped[int] = mapped_column(ForeignKey("judgements.id", ondelete="CASCADE"), index=True)
    rule: Mapped[str] = mapped_column(Text)
    truth: Mapped[str] = mapped_column(String(12))
    label: Mapped[str | None] = mapped_column(Text, index=True)
    severity: Mapped[str | None] = mapped_column(Text)
    message: Mapped[str] = mapped_column(Text)
    measured: Mapped[str | None] = mapped_column(Text)
    expected: Mapped[str | None] = mapped_column(Text)
    margin: Mapped[float | None] = mapped_column(Float)
    line: Mapped[int] = mapped_column(Integer)


class Measurement(Base):
    """A measured value of an object."""

    __tablename__ = "measurements"
    __table_args__ = (Index("ix_measurements_class_column", "class", "column"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    judgement_id: Mapped[int] = mapped_column(ForeignKey("judgements.id", ondelete="CASCADE"), index=True)
    object: Mapped[str] = mapped_column(Text)
    class_: Mapped[str] = mapped_column("class", String(200))
    column: Mapped[str] = mapped_column(String(200))
    value: Mapped[float] = mapped_column(Float)


class SeenObjects(Base):
    """The objects of a picture's file, for rules over several pictures: compressed rows, see `batches.packed`."""

    __tablename__ = "seen_objects"
    __table_args__ = (UniqueConstraint("spec_id", "picture_id"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    spec_id: Mapped[int] = mapped_column(ForeignKey("specs.id"))
    picture_id: Mapped[int] = mapped_column(ForeignKey("pictures.id"), index=True)
    rows: Mapped[bytes] = mapped_column(LargeBinary)


class BatchVerdict(Base):
    """The verdict of a run on a batch, by the rules over several; `key` is empty for all pictures of the run."""

    __tablename__ = "batch_verdicts"
    __table_args__ = (UniqueConstraint("run_id", "spec_id", "batch", "key"), Index("ix_batch_verdicts_time", "time"))
    id: Mapped[int] = mapped_column(primary_key=True)
    run_id: Mapped[str] = mapped_column(ForeignKey("runs.id", ondelete="CASCADE"))
    spec_id: Mapped[int] = mapped_column(ForeignKey("specs.id"))
    batch_id: Mapped[int] = mapped_column(ForeignKey("batches.id"), index=True)
    batch: Mapped[str] = mapped_column(Text)
    key: Mapped[str] = mapped_column(Text)
    time: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    verdict: Mapped[str] = mapped_column(String(8))
    labels: Mapped[list[str]] = mapped_column(JSON)
    pictures: Mapped[int] = mapped_column(Integer)
    notes: Mapped[list[str]] = mapped_column(JSON)


class StoredBatchFinding(Base):
    """A reason for a verdict on a batch; `objects` are those that decide, each with its picture."""

    __tablename__ = "batch_findings"
    id: Mapped[int] = mapped_column(primary_key=True)
    batch_verdict_id: Mapped[int] = mapped_column(ForeignKey("batch_verdicts.id", ondelete="CASCADE"), index=True)
    rule: Mapped[str] = mapped_column(Text)
    truth: Mapped[str] = mapped_column(String(12))
    label: Mapped[str | None] = mapped_column(Text)
    severity: Mapped[str | None] = mapped_column(Text)
    message: Mapped[str] = mapped_column(Text)
    measured: Mapped[str | None] = mapped_column(Text)
    expected: Mapped[str | None] = mapped_column(Text)
    margin: Mapped[float | None] = mapped_column(Float)
    line: Mapped[int] = mapped_column(Integer)
    objects: Mapped[list[dict[str, str | None]]] = mapped_column(JSON)
