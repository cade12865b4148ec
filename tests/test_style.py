from tests.style import faults, main

ONE = "rows = [row for row in table if row]\n"
NESTED = "rows = [[cell for cell in row] for row in table]\n"
TWO = "whole = {1: 2}\ncells = {cell for row in table for cell in row}\n"


def test_a_second_for_in_a_comprehension_is_a_fault_with_file_and_line(tmp_path):
    for name, text in {"one": ONE, "nested": NESTED, "two": TWO}.items():
        (tmp_path / f"{name}.py").write_text(text)
    assert [*faults(tmp_path / "one.py"), *faults(tmp_path / "nested.py")] == []
    (line,) = faults(tmp_path / "two.py")
    assert line.startswith(f"{tmp_path / 'two.py'}:2: a comprehension has one `for`:")


def test_no_comprehension_of_the_house_has_two(capsys):
    assert main() == 0, capsys.readouterr().out
