"""The check-up says what the home runs on, and what about it wants a hand."""

import shutil
from types import SimpleNamespace

import pytest

from minzheng.custody.home import Home
from minzheng.custody.keys import Keys
from minzheng.operations import environment


@pytest.fixture
def home(tmp_path, monkeypatch):
    monkeypatch.setenv("MINZHENG_KEY_FILE", str(tmp_path / "key.json"))
    Keys.create()
    return Home(tmp_path / "home").create()


def advice(home):
    return {fact.en: fact.advice for fact in environment.environment(home) if fact.advice}


def test_a_sound_machine_needs_no_hand_and_says_what_it_is(home, monkeypatch):
    monkeypatch.setattr(environment, "chinese_face", lambda: "Noto Sans CJK SC")
    monkeypatch.setattr(environment, "_tibetan", lambda: "有")
    facts = {fact.en: fact.line() for fact in environment.environment(home)}
    assert advice(home) == {}
    assert facts["program"].startswith("程序 program：minzheng ")
    assert str(home.path) in facts["home"]
    assert facts["mail"] == "邮件 mail：未设置，不发邮件"


def test_a_bound_of_the_settings_is_told_as_it_stands(home):
    home.settings.write_text('[warehouse]\nthreads = 1\nmemory = "2GB"\n', encoding="utf-8")
    facts = {fact.en: fact.value for fact in environment.environment(home)}
    assert facts["processor, memory"] == "1核，数据仓库最多占用2GB"


def test_each_thing_that_wants_a_hand_says_what_to_do(home, tmp_path, monkeypatch):
    monkeypatch.setattr(environment, "chinese_face", lambda: None)
    monkeypatch.setattr(environment, "drawable", lambda text: (text, "本机字体缺少"))
    monkeypatch.setattr(shutil, "disk_usage", lambda _: SimpleNamespace(free=1 << 30))
    (tmp_path / "key.json").chmod(0o640)
    told = advice(home)
    assert set(told) == {"home", "temporary files", "key", "Chinese font", "Tibetan font"}
    assert "chmod 600" in told["key"]
    assert "fonts-noto-cjk" in told["Chinese font"]
    assert "fonts-noto-core" in told["Tibetan font"]
    (tmp_path / "key.json").unlink()
    assert "备份" in advice(home)["key"]
