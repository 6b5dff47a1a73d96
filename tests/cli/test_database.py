"""``penstock db``."""

from __future__ import annotations

from pathlib import Path

from support.command import Run


def test_the_database_is_made_and_upgrading_twice_changes_nothing(run: Run, tmp_path: Path):
    for _ in range(2):
        result = run("db", "upgrade")
        assert result.returncode == 0, result.stderr
    assert (tmp_path / "data" / "penstock.db").is_file()


def test_a_bad_url_is_one_sentence(run: Run):
    result = run("db", "upgrade", PENSTOCK_DATABASE_URL="mysql://x")
    assert result.returncode == 1
    assert len(result.stderr.strip().splitlines()) == 1


def test_a_database_of_several_instances_is_upgraded_and_named_without_its_password(run: Run, postgres_url: str):
    result = run("db", "upgrade", PENSTOCK_DATABASE_URL=postgres_url)
    assert result.returncode == 0, result.stderr
    assert postgres_url.rpartition("@")[2] in result.stdout
    assert "postgres:postgres" not in result.stdout
