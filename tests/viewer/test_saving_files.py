"""Files that panels write: told when they are there, and in a sentence when they cannot be."""

import errno

from napari.utils.notifications import notification_manager

from napari_quantize.viewer.plot import write_and_tell


def test_a_file_is_told_of(tmp_path, qapp):
    write_and_tell(tmp_path / "classes.csv", lambda path: path.write_text("1"))
    assert notification_manager.records[-1].message == "Saved classes.csv"


def test_a_file_that_cannot_be_written(tmp_path, qapp, monkeypatch):
    told = []
    monkeypatch.setattr("napari_quantize.viewer.plot.show_error", told.append)

    def write(path):
        raise OSError(errno.ENOSPC, "No space left on device")

    write_and_tell(tmp_path / "classes.csv", write)
    assert told == ["“classes.csv” could not be written: No space left on device."]
