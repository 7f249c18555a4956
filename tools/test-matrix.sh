#!/usr/bin/env bash
# Runs the sdist's tests in environments with other versions, bindings and Pythons than .venv has.
# usage: tools/test-matrix.sh ENVIRONMENT|all SDIST PYTHON ARGUMENT...
# PYTHON is for the environments that name no version; the arguments are Python's, and run the tests.
set -u -o pipefail
cd "$(dirname "$0")/.."

# PySide6 6.12.0 drops a reference to whatever an overridden virtual method returns: on Python 3.11 an event filter
# that returns False a few thousand times ends the process (bool_dealloc).
good_pyside='PySide6!=6.12.0'

# One line an environment: its name, Python, Qt binding, and what is installed beside the package and its tests.
environments() {
    environment lowest       any  pyqt6   'napari[pyqt6]==0.6.6' --resolution lowest-direct
    environment napari-0.6.6 any  pyqt6   'napari[pyqt6]==0.6.6'
    environment pyside6      any  pyside6 'napari[pyside6]' "$good_pyside"
    environment python-3.12  3.12 pyqt6   'napari[pyqt6]'
    environment python-3.13  3.13 pyqt6   'napari[pyqt6]'
}

requested=$1 sdist=$PWD/$2 any_python=$3
shift 3
tests=("$@") names=() outcomes=() failed=0
folder=$PWD/.venv-matrix
uv=$folder/tools/bin/uv

environment() {
    local name=$1 version=$2 binding=$3 python
    shift 3
    names+=("$name")
    case $requested in all | "$name") ;; *) return ;; esac
    echo "== $name"
    if ! python=$(python_of "$version"); then
        outcomes+=("$name: LEFT OUT, no Python $version was found")
        [ "$requested" = all ] || failed=1 # who asks for one environment wants it tried
    elif install "$name" "$python" "$@" && run_tests "$name" "$binding"; then
        outcomes+=("$name: passed")
    else
        outcomes+=("$name: FAILED")
        failed=1
    fi
}

# Prints the path of a Python that starts: a shim of pyenv's may be found, and then say that it is none.
python_of() {
    local candidate
    if [ "$1" = any ]; then
        echo "$any_python"
        return
    fi
    for candidate in "python$1" "${PYENV_ROOT:-$HOME/.pyenv}"/versions/"$1".*/bin/"python$1"; do
        "$candidate" -c '' 2>/dev/null && echo "$candidate" && return
    done
    return 1
}

# install NAME PYTHON ARGUMENT...: unpacks the sdist and installs it; anew each time, since "newest" changes.
install() {
    local source=$folder/$1/sdist python=$2
    rm -rf "${folder:?}/$1"
    mkdir -p "$source"
    tar --extract --file "$sdist" --directory "$source" --strip-components 1 &&
        "$python" -m venv "$folder/$1/venv" &&
        "$uv" pip install --quiet --python "$folder/$1/venv" --editable "$source[docs,test]" "${@:3}"
}

run_tests() (
    export QT_API=$2 PYTEST_QT_API=$2
    cd "$folder/$1/sdist" && tools/hermetic.sh "$folder/$1/venv/bin/python" "${tests[@]}"
)

if ! [ -x "$uv" ]; then
    "$any_python" -m venv "$folder/tools" && "$folder/tools/bin/pip" --disable-pip-version-check -qq install uv || exit
fi
environments
if [ "${#outcomes[@]}" -eq 0 ]; then
    echo "There is no environment $requested; there are ${names[*]}." >&2
    exit 2
fi
printf '\n'
printf '%s\n' "${outcomes[@]}"
exit "$failed"
