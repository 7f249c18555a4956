#!/bin/sh
# Runs the tests in environments of their own, on other releases of napari and another Qt binding.
# usage: tools/test-matrix.sh PYTHON
set -eu
python=$1
outcomes=""

# test_on NAME BINDING REQUIREMENT: one environment; installed anew each time, since "newest" changes.
test_on() {
    echo "== $1"
    if "$python" -m venv "$1" &&
        "$1/bin/python" -m pip --disable-pip-version-check -qq install --upgrade --editable '.[test]' "$3" &&
        QT_API=$2 PYTEST_QT_API=$2 tools/with-display.sh "$1/bin/python" -m pytest
    then
        outcomes="$outcomes$1: passed\n"
    else
        outcomes="$outcomes$1: FAILED\n"
    fi
}

test_on .venv-napari-0.6.6-pyqt6 pyqt6 'napari[pyqt6]==0.6.6'
test_on .venv-napari-newest-pyside6 pyside6 'napari[pyside6]'

printf '\n%b' "$outcomes"
case $outcomes in *FAILED*) exit 1 ;; esac
