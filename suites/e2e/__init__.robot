*** Settings ***
Documentation    Whole calls, from the caller's ear. They run against the reference bot, or against yours:
...              robot -v BOT:host:port suites/e2e

Test Timeout     1 min

Test Tags        e2e
