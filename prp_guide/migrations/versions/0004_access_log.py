"""The access log: who saw what"""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"

TOLD = "the access log is only added to"


def upgrade() -> None:
    op.create_table(
        "access_log",
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("at", sa.String(length=32), nullable=False),
        sa.Column("actor", sa.String(length=80), nullable=False),
        sa.Column("act", sa.String(length=20), nullable=False),
        sa.Column("requests", sa.Text(), nullable=True),
        sa.Column("detail", sa.Text(), nullable=True),
        sa.Column("mac", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("number"),
    )
    # No proof, the chain is that: it keeps a slip of ours from breaking it.
    if op.get_bind().dialect.name == "sqlite":
        for act in ("update", "delete"):
            op.execute(
                f"CREATE TRIGGER access_log_no_{act} BEFORE {act.upper()} ON access_log "
                f"BEGIN SELECT RAISE(ABORT, '{TOLD}'); END"
            )
    else:
        op.execute(
            "CREATE FUNCTION access_log_stays() RETURNS trigger LANGUAGE plpgsql AS "
            f"$$ BEGIN RAISE EXCEPTION '{TOLD}'; END $$"
        )
        op.execute(
            "CREATE TRIGGER access_log_stays BEFORE UPDATE OR DELETE ON access_log "
            "FOR EACH ROW EXECUTE FUNCTION access_log_stays()"
        )


def downgrade() -> None:
    # Back to a copy of the file (*.before-0004): a log that is taken away is no log.
    raise NotImplementedError("Put back the copy that was made before this version: prp-guide.db.before-0004.")
