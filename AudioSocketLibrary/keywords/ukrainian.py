"""The Ukrainian names of the keywords, by the names of their methods."""

from __future__ import annotations

from typing import Final

UKRAINIAN: Final = {
    # Calls
    "place_call": "Зателефонувати",
    "announce_call": "Оголосити дзвінок",
    "ask_about_call": "Запитати про дзвінок",
    "switch_call": "Перейти до дзвінка",
    "hang_up": "Покласти слухавку",
    "hang_up_all_calls": "Завершити всі дзвінки",
    "get_call": "Отримати дзвінок",
    "get_run_id": "Отримати номер прогону",
    "set_call_defaults": "Налаштувати дзвінки",
    # What the caller does
    "say": "Сказати",
    "say_one_of": "Сказати щось із",
    "play": "Відтворити запис",
    "make_sound": "Видати звук",
    "send_dtmf": "Натиснути клавіші",
    "stay_silent": "Помовчати",
    "set_line": "Встановити лінію",
    # When the bot speaks
    "bot_should_greet_within": "Бот має привітатися за",
    "bot_should_reply_within": "Бот має відповісти за",
    "bot_should_stop_talking_within": "Бот має замовкнути за",
    "bot_should_keep_talking_for": "Бот має говорити далі",
    "bot_should_stay_silent_for": "Бот має мовчати",
    "bot_should_not_interrupt_caller": "Бот не має перебивати",
    "bot_should_hang_up_within": "Бот має покласти слухавку за",
    "wait_until_bot_has_spoken": "Дочекатися кінця відповіді",
    "wait_until_bot_starts_speaking": "Дочекатися початку відповіді",
    # What it says
    "bot_should_say": "Бот має сказати",
    "bot_should_say_one_of": "Бот має сказати щось із",
    "bot_should_not_say": "Бот не має казати",
    "bot_should_say_matching": "Бот має сказати за зразком",
    "bot_should_play_prompt": "Бот має програти запис",
    "bot_should_play_one_of_prompts": "Бот має програти один із записів",
    "bot_should_play_tone": "Бот має подати тон",
    "get_bot_words": "Отримати слова бота",
    # How it sounds
    "bot_should_sound_clean": "Бот має звучати чисто",
    "bot_should_send_audio_on_time": "Бот має вчасно надсилати звук",
    "bot_should_echo": "Бот має повертати звук",
    # The call as a whole
    "call_figure_should_be": "Показник дзвінка має бути",
    "get_call_figure": "Отримати показник дзвінка",
    "call_should_have_been_ended_by": "Дзвінок мав завершити",
    "call_should_have_no_findings": "Дзвінок має бути без зауважень",
    "scenario_should_succeed": "Сценарій має вдаватися",
    "bot_should_pass": "Бот має пройти перевірку",
    # Phrases, engines, data
    "use_phrase_book": "Взяти розмовник",
    "use_recogniser": "Взяти розпізнавач",
    "use_voice": "Взяти голос",
    "use_call_data": "Взяти дані дзвінків",
    "save_prompt": "Зберегти запис",
    # What happens inside the bot
    "listen_for_bot_events": "Слухати події бота",
    "wait_for_bot_event": "Дочекатися події бота",
    "bot_should_have_understood": "Бот мав зрозуміти",
}

UKRAINIAN_LOAD: Final = {
    "run_load": "Запустити навантаження",
    "run_calls": "Зробити дзвінки",
    "load_should_meet": "Навантаження має витримати",
    "load_should_be_valid": "Вимірювання має бути чинним",
    "capacity_should_be_at_least": "Місткість має бути не менше",
    "get_load_figure": "Отримати показник навантаження",
    "load_should_not_be_worse_than": "Навантаження має бути не гірше за",
    "log_plan": "Показати план",
    "start_performance_monitor": "Почати вимірювання швидкодії",
    "stop_performance_monitor": "Закінчити вимірювання швидкодії",
}
