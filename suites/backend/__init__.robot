*** Settings ***
Documentation    The backend behind the bot: REST, WebSocket, database, operators. They need two more libraries:
...              pip install 'robotframework-audiosocketlibrary[bot,suites]'

Test Timeout     1 min

Test Tags        backend
