"""A program's files are checked before anything is done, and errors name file, line and fix."""

import pytest

from rehearsal.program import Program, RehearsalError, stacks


@pytest.mark.parametrize(
    ("file", "text", "complaint"),
    [
        ("Pulumi.yaml", "runtime: python\n", r"Pulumi\.yaml: name: missing; give the project a name"),
        ("Pulumi.yaml", "name: [\n", r"Pulumi\.yaml:2: .*; mend the YAML"),
        ("Pulumi.yaml", "- a\n", r"Pulumi\.yaml: holds no settings"),
        ("Pulumi.test.yaml", "config: {a: [}\n", r"Pulumi\.test\.yaml:1: "),
        ("Pulumi.test.yaml", "config:\n  a:b: 1\n  a:b: 2\n", r"Pulumi\.test\.yaml:3: `a:b` stands twice"),
        ("Pulumi.test.yaml", "config:\n  a:b: {secure: hush}\n", r"a:b: holds a `secure:` value: stack files hold no"),
        ("Pulumi.test.yaml", "config:\n  a:b: {c: [{secure: hush}]}\n", r"a:b: holds a `secure:` value"),
        ("Pulumi.test.yaml", "encryptionsalt: v1:hush\nconfig: {}\n", r"encryptionsalt: not wanted here"),
        ("Pulumi.test.yaml", "secretsprovider: awskms://hush\nconfig: {}\n", r"secretsprovider: not wanted here"),
    ],
)
def test_a_wrong_file_is_refused(small, file, text, complaint):
    (small / file).write_text(text)
    with pytest.raises(RehearsalError, match=complaint) as refusal:
        Program(root=small, stack="test")
    assert "hush" not in str(refusal.value)


def test_the_salt_of_an_earlier_copy_stays_and_stands_once(small, tmp_path):
    program = Program(root=small, stack="test")
    program.copy_files(tmp_path)
    copy = tmp_path / "Pulumi.test.yaml"
    copy.write_text("encryptionsalt: v1:abc\n" + copy.read_text())
    program.copy_files(tmp_path)
    program.copy_files(tmp_path)
    assert copy.read_text() == "encryptionsalt: v1:abc\nconfig: {}\n"


def test_a_stacks_name_may_hold_dots(small):
    (small / "Pulumi.prod.eu.yaml").write_text("config: {}\n")
    assert stacks(small) == ("prod.eu", "test")
