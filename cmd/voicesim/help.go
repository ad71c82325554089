package main

// help is the text of --help, with examples of all requests.
const help = helpFlags + helpAPI + helpControl

const helpFlags = `voicesim simulates the conferences of a voice provider (SignalWire's Compatibility API).

Usage: voicesim [flags]

  --listen ADDRESS      where the provider's API is served (` + defaultListen + `)
  --control ADDRESS     where the control API is served, without credentials (` + defaultControl + `)
  --account SID         the account to start with (` + defaultAccount + `)
  --token TOKEN         its API token (VOICESIM_TOKEN; if neither is set, a new one is printed)
  --conference NAME     start with an open conference of this name (none)
  --participants N      how many participants it has (2)

It runs until SIGINT or SIGTERM and prints addresses and identifiers at the start:

  voicesim --token PT1 --conference support --participants 3
`

const helpAPI = `
Use the provider's API; its lists have all identifiers:

  API=http://` + defaultListen + `/api/laml/2010-04-01
  ACCOUNT=` + defaultAccount + `
  curl -u $ACCOUNT:PT1 "$API/Accounts/$ACCOUNT/Conferences?FriendlyName=support"
  curl -u $ACCOUNT:PT1 $API/Accounts/$ACCOUNT/Conferences/$CONFERENCE/Participants
  curl -u $ACCOUNT:PT1 $API/Accounts/$ACCOUNT/Conferences/$CONFERENCE/Participants/$CALL -d Muted=true
  curl -u $ACCOUNT:PT1 "$API/Accounts/$ACCOUNT/Calls?Status=in-progress"
  curl -u $ACCOUNT:PT1 -X DELETE $API/Accounts/$ACCOUNT/Conferences/$CONFERENCE/Participants/$CALL
`

const helpControl = `
Simulate phone calls and faults:

  CONTROL=http://` + defaultControl + `/control
  curl $CONTROL/accounts -d '{"sid": "...", "token": "..."}'               add an account
  curl -X PUT $CONTROL/accounts/$ACCOUNT/tokens -d '{"tokens": ["PT2"]}'   rotate its token
  curl -X POST $CONTROL/accounts/$ACCOUNT/revoke                           refuse its tokens
  curl $CONTROL/rooms/join -d '{"friendlyName": "sales", "from": "+15555550100"}'
                                                       join by name
  curl "$CONTROL/rooms?friendlyName=sales"                                 find the conference
  curl $CONTROL/rooms/end -d '{"friendlyName": "sales"}'                   end it
  curl $CONTROL/conferences -d '{"friendlyName": "sales"}'                 open a conference
  curl $CONTROL/conferences/$CONFERENCE                                    read it
  curl -X POST $CONTROL/conferences/$CONFERENCE/end                        end it
  curl $CONTROL/conferences/$CONFERENCE/participants -d '{"muted": true}'  join
  curl $CONTROL/conferences/$CONFERENCE/participants/$CALL                 read a participant
  curl -X PATCH $CONTROL/conferences/$CONFERENCE/participants/$CALL -d '{"muted": false}'
                                                       change it, not by the API
  curl -X DELETE $CONTROL/conferences/$CONFERENCE/participants/$CALL       leave
  curl $CONTROL/calls/$CALL                                                read its call
  curl -X POST $CONTROL/calls/$CALL/hangup                                 hang up
  curl $CONTROL/faults -d '{"operation": "update_participant", "times": 1, "status": 503}'
  curl $CONTROL/faults -d '{"status": 429, "header": {"Retry-After": ["2"]}}'
  curl $CONTROL/faults -d '{"operation": "update_participant", "reset": "after", "delay": "200ms"}'
  curl -X DELETE $CONTROL/faults                                           clear all faults
  curl $CONTROL/settings                                                   show the switches
  curl -X PUT $CONTROL/settings -d '{"absentCoachingResets": true}'        set them
  curl "$CONTROL/journal?since=0&operation=update_participant"             requests to the API
  curl -X DELETE $CONTROL/journal                                          clear it
  curl $CONTROL/counts                                                     requests by operation

Faults select requests by operation, accountSID, conferenceSID, callSID, skip, times and every. Effects: status (with
apply, code), shape (flat, string-code, status-mismatch, errors-objects, errors-strings, html, empty,
truncated, endless, wrong-object), body, header, delay (with beforeApply), reset (before, after),
ignore, revertAfter, staleReads, listLag.
Operations: list_conferences, get_conference, update_conference, list_participants, get_participant,
update_participant, remove_participant, list_calls, get_call.
The package documentation of pkg/voicesim describes each of them.
`
