"""Verdicts on batches, and the objects that rules over several pictures need of pictures judged before."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Change the tables."""
    op.create_table(
        "seen_objects",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("spec_id", sa.Integer(), nullable=False),
        sa.Column("picture_id", sa.Integer(), nullable=False),
        sa.Column("rows", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["picture_id"], ["pictures.id"], name=op.f("fk_seen_objects_picture_id")),
        sa.ForeignKeyConstraint(["spec_id"], ["specs.id"], name=op.f("fk_seen_objects_spec_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_seen_objects")),
        sa.UniqueConstraint("spec_id", "picture_id", name=op.f("uq_seen_objects_spec_id_picture_id")),
    )
    op.create_index(op.f("ix_seen_objects_picture_id"), "seen_objects", ["picture_id"])

    op.create_table(
        "batch_verdicts",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("run_id", sa.String(length=32), nullable=False),
        sa.Column("spec_id", sa.Integer(), nullable=False),
        sa.Column("batch_id", sa.Integer(), nullable=False),
        sa.Column("batch", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("time", sa.DateTime(timezone=True), nullable=False),
        sa.Column("verdict", sa.String(length=8), nullable=False),
        sa.Column("labels", sa.JSON(), nullable=False),
        sa.Column("pictures", sa.Integer(), nullable=False),
        sa.Column("notes", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(["batch_id"], ["batches.id"], name=op.f("fk_batch_verdicts_batch_id")),
        sa.ForeignKeyConstraint(["run_id"], ["runs.id"], name=op.f("fk_batch_verdicts_run_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["spec_id"], ["specs.id"], name=op.f("fk_batch_verdicts_spec_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_batch_verdicts")),
        sa.UniqueConstraint(
            "run_id", "spec_id", "batch", "key", name=op.f("uq_batch_verdicts_run_id_spec_id_batch_key")
        ),
    )
    op.create_index(op.f("ix_batch_verdicts_batch_id"), "batch_verdicts", ["batch_id"])
    op.create_index("ix_batch_verdicts_time", "batch_verdicts", ["time"])

    op.create_table(
        "batch_findings",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("batch_verdict_id", sa.Integer(), nullable=False),
        sa.Column("rule", sa.Text(), nullable=False),
        sa.Column("truth", sa.String(length=12), nullable=False),
        sa.Column("label", sa.Text(), nullable=True),
        sa.Column("severity", sa.Text(), nullable=True),
        sa.Column("message", sa.Text(), nullable=False),
        sa.Column("measured", sa.Text(), nullable=True),
        sa.Column("expected", sa.Text(), nullable=True),
        sa.Column("margin", sa.Float(), nullable=True),
        sa.Column("line", sa.Integer(), nullable=False),
        sa.Column("objects", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(
            ["batch_verdict_id"],
            ["batch_verdicts.id"],
            name=op.f("fk_batch_findings_batch_verdict_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_batch_findings")),
    )
    op.create_index(op.f("ix_batch_findings_batch_verdict_id"), "batch_findings", ["batch_verdict_id"])
