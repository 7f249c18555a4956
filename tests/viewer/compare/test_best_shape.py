"""The rows and columns of *Tile*: as few empty cells as the canvas allows. No window."""

import pytest

from napari_quantize.viewer.compare.controller import best_shape


@pytest.mark.parametrize(
    ("cells", "image", "canvas", "shape"),
    [
        (1, 1, 1.5, (1, 1)),
        (7, 1, 1.5, (2, 4)),
        (4, 1, 1, (2, 2)),
        (3, 0.1, 1, (1, 3)),
        (3, 10, 1, (3, 1)),
        (7, 1, 100, (1, 7)),
        (7, 1, 0.01, (7, 1)),
    ],
)
def test_best_shape(cells, image, canvas, shape):
    assert best_shape(cells, image, canvas) == shape


@pytest.mark.parametrize("cells", range(1, 40))
def test_best_shape_has_room_and_no_empty_row(cells):
    for aspect in (0.2, 0.7, 1, 1.3, 4):
        rows, columns = best_shape(cells, aspect, 1.5)
        assert rows * columns >= cells > (rows - 1) * columns


@pytest.mark.parametrize(("cells", "multiple"), [(6, 2), (9, 3), (2, 2), (15, 3), (5, 5)])
def test_channels_of_one_result_lie_in_one_row(cells, multiple):
    for aspect in (0.2, 1, 4):
        rows, columns = best_shape(cells, aspect, 1.5, multiple=multiple)
        assert columns % multiple == 0
        assert rows * columns >= cells
