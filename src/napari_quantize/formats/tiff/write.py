"""Write images as TIFF, with exact values and a calibration that other programs read."""

from __future__ import annotations

from typing import IO, TYPE_CHECKING

import numpy as np

from napari_quantize.formats.tiff.flavors import CLASSIC_BYTES, choose_flavor

if TYPE_CHECKING:
    from napari_quantize.formats.raster import Raster


def write_tiff(stream: IO[bytes], raster: Raster, *, ome: bool = False) -> None:
    """Write an image as TIFF.

    Parameters
    ----------
    stream : binary file
        Open for writing.
    raster : Raster
        An image of any shape and any real dtype.
    ome : bool
        Write an OME-TIFF wherever OME-TIFF can hold the image.

    Notes
    -----
    The file has one of three flavors, each of which holds the pixels exactly:

    - an *ImageJ hyperstack* for 8- and 16-bit unsigned and 32-bit float values with axes in the order TZCYX, and 8-bit
      RGB. ImageJ and Fiji open it with scale and axes without a further reader, and so do Bio-Formats and tifffile.
    - an *OME-TIFF* for other orders of these axes and the other dtypes that OME knows, and if `ome` is True.
      ImageJ itself would show these as plain stacks; Bio-Formats reads them as they are.
    - a plain TIFF for everything else: 64-bit integers, 16-bit floats, more axes than TZC.

    Pixels are deflated without a predictor: ImageJ ignores the predictor of deflated files and would show wrong values,
    and the few values of a quantized image do not need one. Bits are not compressed: ImageJ reads only uncompressed
    ones. An annotation (see `encode_annotation`) holds everything for which the flavor has no field. It stands among
    the properties that ImageJ's *Show Info* lists, in a MapAnnotation of OME, or in the JSON of the description. Files
    beyond the 32-bit offsets of classic TIFF become BigTIFF.
    """
    from tifffile import TiffWriter

    flavor = choose_flavor(raster, ome=ome)
    image = raster.image
    rgb = raster.rgb and image.dtype != bool  # TIFF has no colours of one bit
    big = image.nbytes > CLASSIC_BYTES
    kind = flavor.kind
    with TiffWriter(stream, bigtiff=big, imagej=kind == "imagej", ome=kind == "ome", shaped=kind == "shaped") as writer:
        writer.write(
            np.atleast_2d(image),  # TIFF has no images of one axis
            photometric="rgb" if rgb else "minisblack",
            planarconfig="contig" if rgb else None,
            extrasamples=("unassalpha",) if rgb and image.shape[-1] == 4 else None,
            compression=None if image.dtype == bool else "zlib",
            metadata=flavor.metadata,
            software="napari-quantize",
            **flavor.resolution,
        )
