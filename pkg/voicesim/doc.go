// Package voicesim simulates the REST API of a voice provider: the conferences,
// participants and calls of SignalWire's Compatibility API, as they are on the wire.
// Tests run it in their own process; cmd/voicesim serves it over the network. Package
// conferencetest starts it beside the operator. The package imports nothing but the
// standard library, so that any module may import it; as the API of the operator it is
// alpha, and a minor release may change it.
//
// # What it guarantees
//
// The seven operations on conferences and participants, and the two reads of calls,
// behave as documented, with or without .json at the end of the path, below /api/laml/2010-04-01 and,
// as the vendor's own client asks, below /2010-04-01; the other pages of a list have
// the prefix that the first was asked for with. Conferences start and end, and a
// conference that is over can't open again: the next call that joins by its name opens
// another one. A call that joins again is another participant, created then. Hanging up, the
// end of a conference and the removal of a participant end calls; leaving does not. An update changes its fields and no
// others. The pages of a list stay the same while calls join. Hold music,
// announcements and beeps are checked, but never shown in responses. When a coachee
// leaves, the coach stops coaching and the target becomes null. Where the documents
// leave behaviour open or contradict each other there is a switch in [Settings];
// [Fault] makes single requests fail. Every request is in the journal, with its
// status before the client can have the response. The journal has no credentials.
//
// The package has its own types for the wire protocol, so that it can't share a
// mistake with a client. It sends no callbacks and simulates no other providers.
//
// # The control API
//
// Conferences and participants come from phone calls, not from the provider's
// API. [Simulator.ControlHandler] simulates the calls. It takes and returns JSON
// and requires no credentials. A body can be left out if all its fields are
// optional. Unknown fields are an error. The status is 200 with an object, 204
// without one, or 400 or 404 with {"error": "..."}. The examples use the addresses
// at which cmd/voicesim listens by default, and these variables:
//
//	CONTROL=http://127.0.0.1:8088/control
//	API=http://127.0.0.1:8087/api/laml/2010-04-01
//
// Accounts: add one (both fields are optional), replace its tokens, revoke them:
//
//	curl $CONTROL/accounts -d '{"sid": "6f1c1f0e-6c0a-4d6e-9a55-2f6f3a0f1c11", "token": "PT123"}'
//	curl -X PUT $CONTROL/accounts/$ACCOUNT/tokens -d '{"tokens": ["PT4", "PT5"], "withoutVoice": ["PT6"]}'
//	curl -X POST $CONTROL/accounts/$ACCOUNT/revoke
//
// Rooms, which are conferences by their name: join one (as with participants below;
// a conference opens if none of that name is open), find the open one, end it.
// accountSID is optional if there is one account:
//
//	curl $CONTROL/rooms/join -d '{"friendlyName": "support", "from": "+15555550100", "to": "+15555550199"}'
//	curl "$CONTROL/rooms?friendlyName=support"
//	curl $CONTROL/rooms/end -d '{"friendlyName": "support"}'
//
// Conferences: open one (accountSID is optional if there is one account), read it,
// end it. Opening a conference that is open already returns that one:
//
//	curl $CONTROL/conferences -d '{"accountSID": "'$ACCOUNT'", "friendlyName": "support"}'
//	curl $CONTROL/conferences/$CONFERENCE
//	curl -X POST $CONTROL/conferences/$CONFERENCE/end
//
// Participants: join (the fields are those of [JoinOptions]; all are optional),
// read one with the fields that the provider's API does not show, change one
// without a request to the API, leave, read the call, hang up:
//
//	curl $CONTROL/conferences/$CONFERENCE/participants -d '{"muted": true, "endConferenceOnExit": false}'
//	curl $CONTROL/conferences/$CONFERENCE/participants/$CALL
//	curl -X PATCH $CONTROL/conferences/$CONFERENCE/participants/$CALL -d '{"muted": false}'
//	curl -X DELETE $CONTROL/conferences/$CONFERENCE/participants/$CALL
//	curl $CONTROL/calls/$CALL
//	curl -X POST $CONTROL/calls/$CALL/hangup
//
// PATCH can change muted, hold, coaching, callSIDToCoach,
// startConferenceOnEnter, endConferenceOnExit, status: a call that joined with the
// status ringing is answered by in-progress.
//
// Faults: the fields are those of [Fault]; durations are written like "1.5s".
// In the first example two updates are too many, in the second the response to one
// is lost, in the third updates are accepted and undone later, in the last a list shows
// what was. The response has the
// id for clearing the fault:
//
//	curl $CONTROL/faults -d '{"operation": "update_participant", "times": 2, "status": 429, "header": {"Retry-After": ["2"]}}'
//	curl $CONTROL/faults -d '{"callSID": "'$CALL'", "operation": "update_participant", "times": 1, "reset": "after"}'
//	curl $CONTROL/faults -d '{"operation": "update_participant", "revertAfter": "5s"}'
//	curl $CONTROL/faults -d '{"row": {"sids": ["'$CALL'"], "set": {"muted": "false"}, "omit": ["end_conference_on_exit"]}}'
//	curl $CONTROL/faults -d '{"operation": "list_participants", "nextPage": "http://proxy.invalid/v1?{query}"}'
//	curl $CONTROL/faults -d '{"operation": "list_calls", "listLag": "5s"}'
//	curl -X DELETE $CONTROL/faults/1
//	curl -X DELETE $CONTROL/faults
//
// Settings: the fields are those of [Settings]. PUT sets fields that are missing to
// their defaults:
//
//	curl $CONTROL/settings
//	curl -X PUT $CONTROL/settings -d '{"absentCoachingResets": true, "visibleAfter": "2s", "listLag": "3s"}'
//
// The journal of requests to the provider's API, and counts by operation. Both
// parameters are optional. DELETE clears journal and counts:
//
//	curl "$CONTROL/journal?since=17&operation=update_participant"
//	curl -X DELETE $CONTROL/journal
//	curl $CONTROL/counts
//
// # The provider's API
//
// For comparison, requests of an API user for the same conference. The header Date of
// a response is by the clock of the simulator:
//
//	curl -u $ACCOUNT:$TOKEN "$API/Accounts/$ACCOUNT/Conferences?FriendlyName=support&Status=in-progress"
//	curl -u $ACCOUNT:$TOKEN $API/Accounts/$ACCOUNT/Conferences/$CONFERENCE/Participants
//	curl -u $ACCOUNT:$TOKEN $API/Accounts/$ACCOUNT/Conferences/$CONFERENCE/Participants/$CALL -d Muted=true -d Hold=true
//	curl -u $ACCOUNT:$TOKEN $API/Accounts/$ACCOUNT/Conferences/$CONFERENCE -d Status=completed
//	curl -u $ACCOUNT:$TOKEN "$API/Accounts/$ACCOUNT/Calls?Status=in-progress&PageSize=1000"
//	curl -u $ACCOUNT:$TOKEN $API/Accounts/$ACCOUNT/Calls/$CALL
package voicesim
