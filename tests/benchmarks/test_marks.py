import pytest


def test_a_table_takes_the_place_of_the_last_one(script, tmp_path):
    write = script("parts.marks").write_between_marks
    page = tmp_path / "page.md"
    page.write_text("# Über\n<!-- one -->\nold\n<!-- /one -->\nend <!-- two -->\n<!-- /two -->\n")
    write(page, "one", "new\n")
    assert page.read_text() == (
        "# Über\n<!-- one -->\nnew\n<!-- /one -->\nend <!-- two -->\n<!-- /two -->\n"
    )
    with pytest.raises(ValueError, match="marks of 'three'"):
        write(page, "three", "lost")
