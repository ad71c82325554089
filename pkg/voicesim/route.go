package voicesim

import (
	"net/http"
	"strings"
)

// target is the operation and the resource of a request.
type target struct {
	operation, accountSID, conferenceSID, callSID string
	// refused is the response if there is no such operation, else nil.
	refused *failure
}

// route returns the target of a method and a path, which may end in .json and begins
// with either root.
func route(method, path string) target {
	path = strings.TrimSuffix(path, ".json")
	rest, ok := strings.CutPrefix(path, apiRoot+"/Accounts/")
	if !ok {
		rest, ok = strings.CutPrefix(path, bareRoot+"/Accounts/")
	}
	if !ok {
		return target{refused: notFound()}
	}
	parts := strings.Split(rest, "/")
	t := target{accountSID: parts[0]}
	operations := t.resource(parts[1:])
	if operations == nil {
		t.refused = notFound()
		return t
	}
	if t.operation = operations[method]; t.operation == "" {
		t.refused = newFailure(http.StatusMethodNotAllowed, codeMethodNotAllowed)
	}
	return t
}

// resource takes the identifiers from the path below the account and returns the
// operations of the resource by method, nil if there is no such resource.
func (t *target) resource(parts []string) map[string]string {
	if len(parts) == 0 {
		return nil
	}
	switch parts[0] {
	case "Conferences":
		return t.conferenceResource(parts)
	case "Calls":
		return t.callResource(parts)
	}
	return nil
}

func (t *target) callResource(parts []string) map[string]string {
	switch len(parts) {
	case 1:
		return map[string]string{http.MethodGet: OpListCalls}
	case 2:
		t.callSID = parts[1]
		return map[string]string{http.MethodGet: OpGetCall}
	}
	return nil
}

func (t *target) conferenceResource(parts []string) map[string]string {
	if len(parts) > 1 {
		t.conferenceSID = parts[1]
	}
	if len(parts) > 2 && parts[2] != "Participants" {
		return nil
	}
	switch len(parts) {
	case 1:
		return map[string]string{http.MethodGet: OpListConferences}
	case 2:
		return map[string]string{http.MethodGet: OpGetConference, http.MethodPost: OpUpdateConference}
	case 3:
		return map[string]string{http.MethodGet: OpListParticipants}
	case 4:
		t.callSID = parts[3]
		return map[string]string{
			http.MethodGet:    OpGetParticipant,
			http.MethodPost:   OpUpdateParticipant,
			http.MethodDelete: OpRemoveParticipant,
		}
	}
	return nil
}
