"""Makes the pictures beside it, of things that everybody knows: pip install scikit-image pillow.

espresso.jpg is `coffee` of scikit-image, a photo by Rachel Michetti; cat.jpg is `chelsea`, one by Stefan van der Walt.
Both are CC0: https://scikit-image.org/docs/stable/api/skimage.data.html
"""

from pathlib import Path

from PIL import Image
from skimage import data

HERE = Path(__file__).parent
for name, picture in {"espresso": data.coffee(), "cat": data.chelsea()}.items():
    Image.fromarray(picture).resize((320, 320 * picture.shape[0] // picture.shape[1])).save(
        HERE / f"{name}.jpg", quality=85
    )
