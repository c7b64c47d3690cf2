*** Settings ***
Documentation    Whole calls, from the caller's ear. They run against the reference bot, or against yours:
...              robot -v BOT:host:port suites/e2e

# A call takes up to half a minute, and the machine may be busy.
Test Timeout     2 min

Test Tags        e2e
