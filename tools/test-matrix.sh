#!/bin/sh
# Runs the tests in environments of their own, on other releases of napari and another Qt binding.
# usage: tools/test-matrix.sh PYTHON
set -eu
python=$1
outcomes=""

# test_on NAME BINDING REQUIREMENT...: one environment; installed anew each time, since "newest" changes.
test_on() {
    name=$1 binding=$2
    shift 2
    echo "== $name"
    if "$python" -m venv "$name" &&
        "$name/bin/python" -m pip --disable-pip-version-check -qq install --upgrade --editable '.[test]' "$@" &&
        QT_API=$binding PYTEST_QT_API=$binding tools/with-display.sh "$name/bin/python" -m pytest
    then
        outcomes="$outcomes$name: passed\n"
    else
        outcomes="$outcomes$name: FAILED\n"
    fi
}

test_on .venv-napari-0.6.6-pyqt6 pyqt6 'napari[pyqt6]==0.6.6'
# PySide6 6.12.0 drops a reference to whatever an overridden virtual method returns: on Python 3.11 an event filter
# that says False a few thousand times ends the process (bool_dealloc), whoever wrote it.
test_on .venv-napari-newest-pyside6 pyside6 'napari[pyside6]' 'PySide6!=6.12.0'

printf '\n%b' "$outcomes"
case $outcomes in *FAILED*) exit 1 ;; esac
