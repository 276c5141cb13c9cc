"""What is left out of a folder is counted, and no class vanishes or moves."""

import numpy as np
import pytest
from image_bytes import encoded, noise

from tfgan_losses import datasets
from tfgan_losses.datasets.folder_listing import natural_names

ENCODED = {
    "tif": encoded(noise(4, 4, 3), "TIFF"),
    "jfif": encoded(noise(4, 4, 3), "JPEG"),
    "png": encoded(noise(4, 4, 3), "PNG"),
}


def fill(folder, ending, count):
    folder.mkdir(parents=True, exist_ok=True)
    for i in range(count):
        (folder / f"{i}.{ending}").write_bytes(ENCODED.get(ending, b"x"))


def load(folder, **options):
    return datasets.load(f"folder:{folder}", **options)


def test_tiff_among_png_is_read(tmp_path):
    fill(tmp_path, "tif", 9)
    fill(tmp_path, "png", 2)
    assert load(tmp_path).size == 11 and load(tmp_path).left_out == {}


def test_classes_of_every_ending_keep_their_numbers(tmp_path):
    for name, ending in (("cat", "png"), ("dog", "tif"), ("eel", "jfif"), ("fox", "png")):
        fill(tmp_path / name, ending, 3)
    source = load(tmp_path)
    assert source.class_names == ("cat", "dog", "eel", "fox")
    assert source.counts == (3, 3, 3, 3) and source.num_classes == 4
    assert source.take(12)[1].tolist() == np.repeat(range(4), 3).tolist()


def test_what_is_left_out_is_counted_by_ending_and_warned_of_if_it_is_most(tmp_path, caplog):
    fill(tmp_path / "cat", "png", 3)
    fill(tmp_path / "cat", "TXT", 2)
    fill(tmp_path, "heic", 1)
    (tmp_path / "README").write_text("x")
    (tmp_path / ".hidden").write_text("x")
    assert load(tmp_path).left_out == {".txt": 2, ".heic": 1, "without ending": 1}
    assert (
        "more files are left out (2 .txt, 1 .heic, 1 without ending) than read (3)" in caplog.text
    )


def test_files_below_a_folder_of_loose_images_are_counted(tmp_path):
    fill(tmp_path, "png", 2)
    fill(tmp_path / "notes" / "old", "xml", 2)
    source = load(tmp_path)
    assert source.class_names is None and source.left_out == {".xml": 2}


@pytest.mark.parametrize("ending", ["heic", None])
def test_a_class_without_images_is_refused_by_name(tmp_path, ending):
    fill(tmp_path / "cat", "png", 1)
    fill(tmp_path / "dog", ending or "png", 2 if ending else 0)
    with pytest.raises(ValueError, match=f"'dog' has none.*{'2 .heic' if ending else ';'}.*move"):
        load(tmp_path)


def test_a_class_of_which_no_image_can_be_read_is_refused_by_name(tmp_path):
    fill(tmp_path / "cat", "png", 1)
    fill(tmp_path / "dog", "png", 1)
    (tmp_path / "dog" / "0.png").write_text("no image")
    with pytest.raises(ValueError, match="of which 'dog' has none"):
        load(tmp_path, skip_bad_images=True)


@pytest.mark.parametrize("parts", [("train", "test"), ("Train", "val", "other"), ("valid",)])
def test_parts_of_a_data_set_are_no_classes(tmp_path, parts):
    for part in parts:
        fill(tmp_path / part / "cat", "png", 1)
    with pytest.raises(ValueError, match=f"Use folder:{tmp_path}/{parts[0]}. Received"):
        load(tmp_path)
    assert load(tmp_path / parts[0]).class_names == ("cat",)


def test_a_class_may_be_called_train(tmp_path):
    for name in ("bus", "train"):
        fill(tmp_path / name, "png", 1)
    assert load(tmp_path).class_names == ("bus", "train")


def test_numbers_are_in_their_order(tmp_path):
    for number in (10, 9, 1, 2):
        fill(tmp_path / str(number), "png", 1)
    assert load(tmp_path).class_names == ("1", "2", "9", "10")
    for number in (10, 2):
        (tmp_path / "9" / f"img{number}.png").write_bytes(encoded(noise(4, 4, 3) // number, "PNG"))
    tenth, second = (noise(4, 4, 3) // number for number in (10, 2))
    levels = np.round((load(tmp_path).take(9)[0] + 1) * 127.5)
    np.testing.assert_array_equal(levels[3:5], [second, tenth])


def test_natural_order_of_anything():
    names = ["b", "a10", "a2", "a", "", "10", "2", "01", "1", "٣", "a-1", "A"]
    ordered = ["", "01", "1", "2", "10", "A", "a", "a2", "a10", "a-1", "b", "٣"]
    assert natural_names(names) == ordered


def test_names_that_are_no_text_can_be_printed(tmp_path):
    import os

    for name in (b"caf\xe9", b"line\nbreak"):
        folder = os.fsencode(tmp_path) + b"/" + name
        os.mkdir(folder)
        with open(folder + b"/0.png", "wb") as file:
            file.write(ENCODED["png"])
    assert load(tmp_path).class_names == ("caf\\udce9", "line\\nbreak")
