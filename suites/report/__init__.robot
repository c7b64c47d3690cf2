*** Settings ***
Documentation    The load report in a real browser. Skipped where there is none.

Test Timeout     2 min

Test Tags        report
