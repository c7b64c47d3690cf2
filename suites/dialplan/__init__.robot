*** Settings ***
Documentation    A PBX's dialplan, from the bot's ear: the suite plays the bot that the dialplan calls.
...              They run against a stand-in for the PBX, our own caller. Against yours: docs/dialplan.md

Test Timeout     1 min

Test Tags        dialplan
