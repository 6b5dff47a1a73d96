"""How a command fails."""

from __future__ import annotations

import pytest
import typer

from penstock.cli.failure import one_sentence
from penstock.composition.settings import SettingsError
from penstock.core.errors import PenstockError, StoreError


@pytest.mark.parametrize(("error", "code"), [(StoreError("Full."), 1), (SettingsError("Wrong."), 2)])
def test_our_errors_are_their_sentence(error: PenstockError, code: int, capsys: pytest.CaptureFixture[str]):
    with pytest.raises(typer.Exit) as caught, one_sentence():
        raise error
    assert caught.value.exit_code == code
    assert capsys.readouterr().err == f"{error.message}\n"


def test_a_defect_is_not_hidden():
    with pytest.raises(ZeroDivisionError), one_sentence():
        _ = 1 / 0
