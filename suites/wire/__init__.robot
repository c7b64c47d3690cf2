*** Settings ***
Documentation    Frames, packets and messages as bytes. Nothing runs beside them: no bot, no socket.

Test Timeout     10 s

Test Tags        wire
