*** Settings ***
Documentation     REST: calls, knowledge, orders, bookings, answers, health.

Resource          ../../resources/backend.resource

Suite Setup       A Backend Is Running
Suite Teardown    Nothing Is Left

Test Tags         api


*** Test Cases ***
Health Check Answers Ten Times In A Row
    [Tags]    smoke    critical
    FOR    ${_}    IN RANGE    10
        ${response}    GET    ${BACKEND}/healthcheck
        Should Be Equal    ${response.json()}[status]    ok
    END
    GET    ${BACKEND}/docs

A Call Can Be Found By Its UUID
    [Tags]    smoke    critical
    ${uuid}    A Call Was Made
    ${call}    Ask For    calls/${uuid}
    Should Be Equal    ${call}[run]    ${RUN}
    Should Be Equal    ${call}[status]    completed
    Should Not Be Empty    ${call}[turns]

Calls Are Listed In Pages
    A Call Was Made
    ${last}    A Call Was Made
    ${page}    Ask For    calls    run=${RUN}    limit=1
    Should Be True    ${page}[total] >= 2
    Should Be Equal As Integers    ${page}[limit]    1
    Length Should Be    ${page}[data]    1
    Should Be Equal    ${page}[data][0][uuid]    ${last}

Calls Are Listed By Date
    ${uuid}    A Call Was Made
    ${call}    Ask For    calls/${uuid}
    ${from_then}    Ask For    calls    uuid=${uuid}    since=${call}[started]
    ${before}    Ask For    calls    uuid=${uuid}    until=${call}[started]
    Should Be Equal As Integers    ${from_then}[total]    1
    Should Be Equal As Integers    ${before}[total]    0

A Call That Never Was Is Not Found
    GET    ${BACKEND}/calls/00000000-0000-4000-8000-000000000000    auth=${VIEWER}    expected_status=404

Knowledge Is Created Found And Deleted
    ${entry}    Create Knowledge Data    seed=3    title=Чи міняєте ви вентилі на колесах?
    ${created}    Add    knowledge    ${entry}
    ${found}    Ask For    knowledge/search    q=Чи міняєте ви вентилі на колесах?
    Should Be Equal    ${found}[data][0][id]    ${created}[id]
    DELETE    ${BACKEND}/knowledge/${created}[id]    auth=${OPERATOR}    expected_status=204
    GET    ${BACKEND}/knowledge/${created}[id]    auth=${VIEWER}    expected_status=404

Knowledge Without A Title Is Refused
    VAR    &{entry}    content=Так, міняємо.
    ${refused}    Add    knowledge    ${entry}    status=400
    Should Contain    ${refused}[detail]    title

An Order Takes Tyres From Stock And Gives Them Back
    ${before}    Stock Of The First Product
    VAR    &{wish}    product=${1}    quantity=${2}
    ${order}    Add    orders    ${wish}
    ${ordered}    Stock Of The First Product
    Should Be Equal As Integers    ${ordered}    ${before - 2}
    DELETE    ${BACKEND}/orders/${order}[number]    auth=${OPERATOR}    expected_status=204
    ${after}    Stock Of The First Product
    Should Be Equal As Integers    ${after}    ${before}

An Hour Can Be Booked Once
    VAR    &{hour}    day=2031-03-03    time=10:00
    Add    bookings    ${hour}
    Add    bookings    ${hour}    status=409

Figures Of Performance Are There
    ${figures}    Ask For    metrics/performance
    FOR    ${part}    IN    pool    store    bus    feed    writer    breakers    process
        Dictionary Should Contain Key    ${figures}    ${part}
    END
    Should Be Equal As Integers    ${figures}[bus][dropped]    0


*** Keywords ***
Stock Of The First Product
    [Documentation]    How many of the tyre with id 1 are there.
    ${products}    Ask For    products
    ${stock}    Evaluate    next(each['stock'] for each in $products['data'] if each['id'] == 1)
    RETURN    ${stock}
