import numpy as np
import pytest
from PIL import Image

from tfgan_losses.run_files import pictures
from tfgan_losses.run_files.curves import plot_curves

LINE = 144


def open_rgb(path):
    with Image.open(path) as image:
        return np.asarray(image.convert("RGB"))


def test_grid_to_the_pixel():
    images = np.array([-1.0, 1.0, 0.0], np.float32)[:, None, None, None] * np.ones([1, 1, 2, 1])
    grid = pictures.image_grid(images, padding=1, min_cell=2)
    line = [LINE] * 7
    expected = [
        line,
        [LINE, 0, 0, LINE, 255, 255, LINE],
        line,
        [LINE, 128, 128, LINE, LINE, LINE, LINE],
        line,
    ]
    assert grid.dtype == np.uint8
    np.testing.assert_array_equal(grid, np.array(expected)[..., None].repeat(3, axis=2))


def test_enlarging_makes_squares_and_keeps_colours():
    images = np.random.default_rng(0).uniform(-1, 1, [1, 3, 5, 3])
    grid = pictures.image_grid(images, padding=0, min_cell=16)
    assert grid.shape == (12, 20, 3)  # 5 pixels become 20, the next multiple of 5 from 16 on.
    small = grid[::4, ::4]
    np.testing.assert_array_equal(grid, small.repeat(4, axis=0).repeat(4, axis=1))
    np.testing.assert_array_equal(small, np.rint((images[0] + 1) * 127.5))


@pytest.mark.parametrize(
    ("count", "columns", "rows_columns"),
    [(64, None, (8, 8)), (60, None, (8, 8)), (5, None, (2, 3)), (5, 5, (1, 5)), (1, None, (1, 1))],
)
def test_shape_of_the_grid(count, columns, rows_columns):
    grid = pictures.image_grid(np.zeros([count, 4, 4, 1]), columns=columns, padding=3, min_cell=4)
    rows, columns = rows_columns
    assert grid.shape == (rows * 7 + 3, columns * 7 + 3, 3)


def test_values_outside_the_range_are_clipped():
    images = np.array([-7.0, 7.0, np.nan, np.inf])[:, None, None, None]
    grid = pictures.image_grid(images, columns=4, padding=0, min_cell=1)
    assert grid[0, :, 0].tolist() == [0, 255, 128, 255]


@pytest.mark.parametrize("shape", [(3, 4, 4), (3, 4, 4, 2), (0, 4, 4, 1)])
def test_only_images(shape):
    with pytest.raises(ValueError, match=r"Expected images .* Received: shape \("):
        pictures.image_grid(np.zeros(shape))


def test_png_keeps_every_pixel(tmp_path):
    array = np.random.default_rng(0).integers(0, 256, [5, 7, 3], dtype=np.uint8)
    pictures.write_png(tmp_path / "x.png", array)
    np.testing.assert_array_equal(open_rgb(tmp_path / "x.png"), array)
    assert [path.name for path in tmp_path.iterdir()] == ["x.png"]


CENTERS = np.array([[-1.0, 0.0], [1.0, 0.0]])


def density(points):
    return np.exp(-((points[:, None] - CENTERS) ** 2).sum(-1) / 0.02).sum(1)


def red_pixels(picture):
    red, green, _ = np.moveaxis(picture.astype(int), -1, 0)
    return np.argwhere(red - green > 60)


def test_scatter_has_the_same_axes_for_all_samples():
    pair = [
        pictures.scatter(samples, centers=CENTERS, density=density)
        for samples in (np.full([50, 2], 99.0), np.zeros([50, 2]))
    ]
    differs = np.argwhere((pair[0] != pair[1]).any(axis=-1))
    height, width, _ = pair[0].shape
    # Only one dot in the middle of the axes; the far points are outside of them.
    assert np.ptp(differs, axis=0).max() < 12
    np.testing.assert_allclose(differs.mean(axis=0), [height * 0.49, width * 0.53], atol=5)


def test_scatter_shows_samples_where_they_are():
    picture = pictures.scatter([[0.9, 0.5]] * 20, limits=(-1.0, 1.0, -1.0, 1.0))
    height, width, _ = picture.shape
    row, column = red_pixels(picture).mean(axis=0)
    assert row == pytest.approx(height * (0.05 + 0.88 * 0.25), abs=3)
    assert column == pytest.approx(width * (0.09 + 0.88 * 0.95), abs=3)


def test_scatter_survives_samples_that_are_not_finite():
    assert pictures.scatter(np.full([3, 2], np.nan)).dtype == np.uint8
    with pytest.raises(ValueError, match=r"Received: shape \(3, 3\)"):
        pictures.scatter(np.zeros([3, 3]))


@pytest.fixture
def frames(tmp_path):
    paths = [tmp_path / f"{index:02d}.png" for index in range(11)]
    for index, path in enumerate(paths):
        pictures.write_png(path, np.full([8, 8, 3], 20 * index, np.uint8))
    return paths


@pytest.mark.parametrize(
    ("max_frames", "shown"), [(100, [*range(11)]), (3, [0, 5, 10]), (6, [0, 2, 4, 6, 8, 10])]
)
def test_gif(frames, tmp_path, max_frames, shown):
    pictures.write_gif(frames, tmp_path / "x.gif", max_frames=max_frames)
    levels, durations = [], []
    with Image.open(tmp_path / "x.gif") as gif:
        for index in range(gif.n_frames):
            gif.seek(index)
            levels.append(gif.convert("RGB").getpixel((4, 4))[0] // 20)
            durations.append(gif.info["duration"])
    assert levels == shown
    assert durations[-1] > 5 * durations[0]
    assert len(set(durations[:-1])) == 1


def test_gif_of_one_and_of_none(frames, tmp_path):
    pictures.write_gif(frames[:1], tmp_path / "x.gif")
    assert (open_rgb(tmp_path / "x.gif") == 0).all()
    with pytest.raises(ValueError, match="at least one picture"):
        pictures.write_gif([], tmp_path / "x.gif")


def test_gif_leaves_out_pictures_of_another_size(frames, tmp_path):
    pictures.write_png(frames[0], np.zeros([9, 8, 3], np.uint8))
    pictures.write_gif(frames, tmp_path / "x.gif")
    with Image.open(tmp_path / "x.gif") as gif:
        assert gif.n_frames == 10


HEADER = "step,d_real,d_fake,gradient_penalty,d_loss,g_loss,w_distance\n"


@pytest.mark.parametrize(
    ("text", "panels"),
    [
        (HEADER + "100,1,-1,.1,2,3,2\n200,1,-2,.1,,3,2\n", 3),
        (HEADER + "100,1,-1,.1,2,3,2\n", 3),
        ("step,d_real,d_fake,d_loss,g_loss\n1,2,3,4,5\n2,3,4,5,6\n", 2),
    ],
)
def test_curves_draw_a_panel_per_kind(tmp_path, text, panels):
    (tmp_path / "m.csv").write_text(text)
    plot_curves(tmp_path / "m.csv", tmp_path / "c.png")
    picture = open_rgb(tmp_path / "c.png")
    assert picture.shape[:2] == (50 + 250 * panels, 900)
    coloured = np.ptp(picture.astype(int), axis=-1) > 60
    for panel in np.array_split(coloured, panels):
        assert panel[:, :700].any()  # A curve or a dot.
        assert panel[:, 740:].any()  # The legend.


def test_an_empty_cell_is_a_gap_and_no_zero(tmp_path):
    pictures = {}
    for cell in ("", "0", "5"):
        rows = [f"{step},1,-1,.1,{cell if step == 2 else 5},3,2\n" for step in (1, 2, 3)]
        (tmp_path / "m.csv").write_text(HEADER + "".join(rows))
        plot_curves(tmp_path / "m.csv", tmp_path / "c.png")
        pictures[cell] = open_rgb(tmp_path / "c.png")
    # A zero would move the axis; with a gap it ends at 3 and 5 as without.
    coloured = {cell: (np.ptp(x.astype(int), axis=-1) > 60).sum() for cell, x in pictures.items()}
    assert coloured[""] < coloured["5"]
    assert not np.array_equal(pictures[""], pictures["0"])


def rows_of_the_second_curve(tmp_path, largest):
    """How many rows of pixels a curve between 1 and -1 crosses beside one of large values."""
    lines = [f"{step},{largest if step == 5 else 1},{(-1) ** step}\n" for step in range(1, 31)]
    (tmp_path / "m.csv").write_text("step,d_loss,g_loss\n" + "".join(lines))
    plot_curves(tmp_path / "m.csv", tmp_path / "c.png")
    picture = open_rgb(tmp_path / "c.png").astype(int)
    red = np.abs(picture - [0xD1, 0x49, 0x5B]).max(axis=-1) < 20
    return int(np.ptp(np.flatnonzero(red[:, :700].any(axis=-1))))


@pytest.mark.parametrize(("largest", "least"), [(10, 30), (1e6, 15), (1e30, 5), (float("inf"), 30)])
def test_one_huge_value_flattens_no_other_curve(tmp_path, largest, least):
    assert rows_of_the_second_curve(tmp_path, largest) >= least


@pytest.mark.parametrize("text", ["", HEADER, "a,b\n1,2\n"])
def test_curves_need_a_table(tmp_path, text):
    (tmp_path / "m.csv").write_text(text)
    with pytest.raises(ValueError, match="Expected a table with a column 'step'"):
        plot_curves(tmp_path / "m.csv", tmp_path / "c.png")
