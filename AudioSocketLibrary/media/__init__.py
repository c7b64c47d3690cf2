"""Samples: sound files, G.711, media frames, levels, speech onset and offset, tones. numpy; no socket.

Sound is int16, mono, of shape (n,); levels are in dBFS, where a full-scale sine has -3.01.
"""

from .corpus import find_recording, prompt_path, recordings_dir, utterance_path
from .ear import NOTHING, ROUND, Ear, Hearer, levels_of, window_bytes
from .files import SoundError, save_wav
from .frames import decode_payload, encode_payload, frames_of, silence_frame
from .g711 import decode_alaw, decode_ulaw, encode_alaw, encode_ulaw
from .levels import active_speech_level, peak_dbfs, rms_dbfs
from .phrases import Phrase, PhraseBook, PhraseBookError, load_phrase_book
from .recogniser import UNDERSTOOD, Recogniser, RecogniserError, RecogniserService, Recognition
from .scale import SILENCE_DBFS, amplitude_dbfs, dbfs_amplitude
from .sound import Sound, load_sound
from .tone import tone
from .voice import DEFAULT_PARAMETERS, DetectorState, Segment, VoiceDetector, VoiceParameters, find_speech
from .windows import loud_samples, window_levels, window_size

__all__ = [
    "DEFAULT_PARAMETERS",
    "NOTHING",
    "ROUND",
    "SILENCE_DBFS",
    "UNDERSTOOD",
    "DetectorState",
    "Ear",
    "Hearer",
    "Phrase",
    "PhraseBook",
    "PhraseBookError",
    "Recogniser",
    "RecogniserError",
    "RecogniserService",
    "Recognition",
    "Segment",
    "Sound",
    "SoundError",
    "VoiceDetector",
    "VoiceParameters",
    "active_speech_level",
    "amplitude_dbfs",
    "dbfs_amplitude",
    "decode_alaw",
    "decode_payload",
    "decode_ulaw",
    "encode_alaw",
    "encode_payload",
    "encode_ulaw",
    "find_recording",
    "find_speech",
    "frames_of",
    "levels_of",
    "load_phrase_book",
    "load_sound",
    "loud_samples",
    "peak_dbfs",
    "prompt_path",
    "recordings_dir",
    "rms_dbfs",
    "save_wav",
    "silence_frame",
    "tone",
    "utterance_path",
    "window_bytes",
    "window_levels",
    "window_size",
]
