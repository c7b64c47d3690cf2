"""Seeded damage to the committed prompts; how well it works on speech kept apart is measured in bench/prompts.py."""

import numpy as np
import pytest
import soxr

from AudioSocketLibrary.media import active_speech_level, decode_ulaw, encode_ulaw, find_speech, load_sound, prompt_path
from AudioSocketLibrary.media.prompt_match import SAME, PromptMatcher

pytestmark = pytest.mark.unit

NAMES = ["greeting", "tyres_found", "order_accepted", "order_unknown", "which_day", "which_time", "goodbye", "menu"]
NAMES += ["one_moment", "booking_confirm"]
SOUNDS = {name: load_sound(prompt_path(name), 8000).samples for name in NAMES}
MATCHER = PromptMatcher(SOUNDS, 8000)
BEFORE = 5003


def first_voiced(name):
    return find_speech(SOUNDS[name], 8000)[0][0]


def pcm(wave):
    return np.clip(np.rint(wave), -32768, 32767).astype(np.int16)


def noisy(samples, snr, seed=7):
    level = 32768 * 10 ** ((active_speech_level(samples, 8000) - snr) / 20)
    return pcm(samples + np.random.default_rng(seed).normal(0, level, len(samples)))


def lossy(samples, share, seed=7):
    gone = np.random.default_rng(seed).random(len(samples) // 160 + 1) < share
    return np.where(np.repeat(gone, 160)[: len(samples)], np.int16(0), samples)


def stalled(samples):
    return np.insert(samples, np.repeat([9000, 16000], 1600), 0)


LINES = {
    "clean": lambda samples: samples,
    "quiet": lambda samples: pcm(samples * 0.03),
    "clipped": lambda samples: pcm(samples * 4.0),
    "mu-law": lambda samples: decode_ulaw(encode_ulaw(samples)),
    "white 10 dB": lambda samples: noisy(samples, 10),
    "loss 20 %": lambda samples: lossy(samples, 0.2),
    "stalls": stalled,
    "offset": lambda samples: pcm(samples + 800.0),
    "half a sample late": lambda samples: pcm(
        soxr.resample(soxr.resample(samples * 1.0, 8000, 16000)[1:], 16000, 8000)
    ),
    "drift": lambda samples: pcm(soxr.resample(samples * 1.0, 8000, 8001.6)),
}


@pytest.mark.parametrize("line", LINES)
@pytest.mark.parametrize("name", ["greeting", "order_unknown", "which_day"])
def test_a_prompt_is_known_and_no_other_one(line, name):
    heard = LINES[line](np.pad(SOUNDS[name], (BEFORE, 8000)))
    ranked = MATCHER.rank(heard, 8000)
    assert ranked[0].name == name
    assert ranked[0].same
    assert [match.name for match in ranked if match.same] == [name]
    assert ranked == sorted(ranked, key=lambda match: match.rank, reverse=True)


@pytest.mark.parametrize("line", ["clean", "quiet", "mu-law", "white 10 dB", "offset"])
@pytest.mark.parametrize("name", NAMES)
def test_its_start_is_exact_to_the_sample_also_in_noise(line, name):
    heard = LINES[line](np.pad(SOUNDS[name], (BEFORE, 8000)))
    match = MATCHER.match(heard, 8000, name)
    assert round(match.start * 8000) == BEFORE + first_voiced(name)
    assert match.end - match.start == pytest.approx(len(SOUNDS[name]) / 8000, abs=0.4)


def test_gain_and_blocks():
    match = MATCHER.match(pcm(np.pad(SOUNDS["greeting"], 4000) * 0.5), 8000, "greeting")
    assert match.gain == pytest.approx(-6.02, abs=0.05)
    assert match.similarity == pytest.approx(1, abs=0.001)
    assert match.coverage == pytest.approx(1)
    assert {block.state for block in match.blocks} == {"matched"}
    assert match.blocks[0].at == 0


@pytest.mark.parametrize("share", [0.4, 0.5, 0.6])
@pytest.mark.parametrize("name", ["greeting", "order_unknown", "menu"])
def test_a_prompt_that_was_cut_short(name, share):
    kept = round(len(SOUNDS[name]) * share)
    match = MATCHER.rank(np.pad(SOUNDS[name][:kept], (BEFORE, 16000)), 8000)[0]
    assert (match.name, match.same) == (name, True)
    assert match.coverage == pytest.approx(share, abs=0.25)
    assert round(match.start * 8000) == BEFORE + first_voiced(name)
    assert match.end == pytest.approx((BEFORE + kept) / 8000, abs=0.35)
    assert match.blocks[-1].state == "missing"


def test_what_was_said_instead_is_different():
    other = np.concatenate([SOUNDS["order_unknown"][:7000], SOUNDS["menu"][7000:28000]])
    match = MATCHER.match(np.pad(other, 4000), 8000, "order_unknown")
    assert {block.state for block in match.blocks} >= {"matched", "different"}
    assert not match.same


def test_a_twin_is_told_apart_by_rank():
    """Both are taken for the same by the threshold: half a second of them is of another prompt."""
    twin = SOUNDS["menu"].copy()
    twin[12000:16000] = SOUNDS["goodbye"][6000:10000]
    both = {"menu": SOUNDS["menu"], "twin": twin}
    for name, samples in both.items():
        ranked = PromptMatcher(both, 8000).rank(noisy(np.pad(samples, 8000), 15), 8000)
        assert [match.same for match in ranked] == [True, True]
        assert ranked[0].name == name


def test_two_prompts_in_one_reply():
    heard = np.concatenate([SOUNDS["one_moment"], np.zeros(4000, np.int16), SOUNDS["goodbye"]])
    known = {match.name: match for match in MATCHER.rank(heard, 8000) if match.same}
    assert set(known) == {"one_moment", "goodbye"}
    assert known["one_moment"].end < known["goodbye"].start


@pytest.mark.parametrize("rate", [16000, 48000])
def test_other_rates(rate):
    wide = {name: pcm(soxr.resample(samples * 1.0, 8000, rate)) for name, samples in SOUNDS.items()}
    ranked = MATCHER.rank(wide["menu"], rate)
    assert (ranked[0].name, ranked[0].same) == ("menu", True)
    ranked = PromptMatcher(wide, rate).rank(SOUNDS["menu"], 8000)
    assert (ranked[0].name, ranked[0].same) == ("menu", True)
    assert ranked[0].start == pytest.approx(first_voiced("menu") / 8000, abs=0.002)


@pytest.mark.parametrize(
    "heard",
    [
        np.zeros(0, np.int16),
        np.zeros(100, np.int16),
        np.zeros(80000, np.int16),
        np.full(8000, 5000, np.int16),
        np.full(40000, -32768, np.int16),
        np.random.default_rng(1).normal(0, 3000, 40000).astype(np.int16),
    ],
    ids=["nothing", "short", "silence", "offset", "full scale", "noise"],
)
def test_no_prompt_in_it(heard):
    for match in MATCHER.rank(heard, 8000):
        assert not match.same
        assert 0 <= match.similarity < SAME
        assert 0 <= match.coverage <= 1


def test_names():
    assert MATCHER.names == tuple(NAMES)
    with pytest.raises(KeyError):
        MATCHER.match(SOUNDS["menu"], 8000, "balloon")
    with pytest.raises(ValueError, match="prompt 'still' has no speech in it"):
        PromptMatcher({"still": np.zeros(8000, np.int16)}, 8000).prepare()
