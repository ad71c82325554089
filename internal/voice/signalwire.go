package voice

import "net/http"

// uuid is the form of all SIDs of SignalWire.
const uuid = `^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$`

// SignalWire is the dialect of SignalWire's Compatibility API.
func SignalWire() Dialect {
	paging := Paging{SizeParameter: "PageSize", MaxSize: 1000, NextKey: "next_page_uri"}
	return Dialect{
		Name:     "SignalWire",
		BaseURLs: "https://*.signalwire.com",
		Root:     "/api/laml/2010-04-01",
		// The project id is the account SID and the user name.
		Authenticate: func(request *http.Request, accountSID string, token Secret) {
			request.SetBasicAuth(accountSID, string(token))
		},
		SIDs: SIDForms{Account: uuid, Conference: uuid, Call: uuid},
		UpdateFields: map[UpdateField]string{
			FieldMuted:          "Muted",
			FieldHold:           "Hold",
			FieldHoldURL:        "HoldUrl",
			FieldHoldMethod:     "HoldMethod",
			FieldCoaching:       "Coaching",
			FieldCallSIDToCoach: "CallSidToCoach",
			FieldBeep:           "Beep",
			FieldAnnounceURL:    "AnnounceUrl",
			FieldAnnounceMethod: "AnnounceMethod",
			FieldStatus:         "Status",
		},
		// Older versions of the API say complete.
		EndStatuses:     []string{"completed", "complete", "failed", "busy", "no-answer", "canceled"},
		RingingStatuses: []string{"queued", "initiated", "ringing", "connecting"},
		Codes:           signalWireCodes(),
		// Other members of the family tell the ways of calling out apart.
		Directions: map[string]Direction{
			"inbound": Inbound, "outbound": Outbound, "outbound-api": Outbound, "outbound-dial": Outbound,
		},
		Conferences:    paging,
		Participants:   paging,
		Calls:          paging,
		RateLimitReset: "X-Ratelimit-Reset",
		RequestID:      "X-Request-Id",
	}
}

func signalWireCodes() map[int]Code {
	const (
		coacheeMissing = "the participant to coach is not in the conference"
		invalidURL     = "the URL is invalid"
	)
	return map[int]Code{
		// The client sends no blank argument, so the conference is completed.
		10000: {Meaning: "an argument is invalid, or the conference is completed", Class: ClassGone},
		10001: {Meaning: "the feature is not enabled for this space"},
		10004: {Meaning: "the project does not belong to these credentials"},
		13221: {Meaning: "the method must be GET or POST", Permanent: true},
		13240: {Meaning: coacheeMissing, Class: ClassCoacheeMissing},
		16002: {Meaning: coacheeMissing, Class: ClassCoacheeMissing},
		16027: {Meaning: "the participant to coach is on hold", Class: ClassCoacheeMissing},
		16028: {Meaning: coacheeMissing, Class: ClassCoacheeMissing},
		20003: {Meaning: "the credentials are refused, or lack the scope Voice"},
		20010: {Meaning: "the action is disabled for this account"},
		20404: {Meaning: "the resource does not exist"},
		20429: {Meaning: "too many requests"},
		21402: {Meaning: invalidURL, Permanent: true},
		21456: {Meaning: invalidURL, Permanent: true},
		21475: {Meaning: "a conference can only be completed", Permanent: true},
	}
}

// Describe returns what a code of SignalWire means, "" if it is not documented.
// Error.Meaning is the same for the provider that sent the code.
func Describe(code int) string { return signalWireCodes()[code].Meaning }
