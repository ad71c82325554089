package voice

import "fmt"

// wireConference is a conference on the wire.
type wireConference struct {
	SID          wireText `json:"sid"`
	AccountSID   wireText `json:"account_sid"`
	FriendlyName wireText `json:"friendly_name"`
	Status       wireText `json:"status"`
	DateCreated  wireText `json:"date_created"`
	DateUpdated  wireText `json:"date_updated"`
	APIVersion   wireText `json:"api_version"`
	Region       wireText `json:"region"`
	URI          wireText `json:"uri"`
}

// conference returns the Conference that a wire conference describes. What nothing is
// decided by may be anything: if it can't be read the response does not say it.
func (w wireConference) conference() (Conference, error) {
	if w.SID.value == "" || w.FriendlyName.odd || w.Status.odd {
		return Conference{}, fmt.Errorf("%w: it is not a conference", errUnreadable)
	}
	conference := Conference{
		SID: w.SID.value, AccountSID: w.AccountSID.value, FriendlyName: w.FriendlyName.value, Status: w.Status.value,
		DateCreated: w.DateCreated.value, DateUpdated: w.DateUpdated.value,
		APIVersion: w.APIVersion.value, Region: w.Region.value, URI: w.URI.value,
	}
	err := checkLength(conference.SID, conference.AccountSID, conference.FriendlyName, conference.Status, conference.DateCreated,
		conference.DateUpdated, conference.APIVersion, conference.Region, conference.URI)
	return conference, err
}

// row returns the Conference in a row of a list and its SID. A row has to say which
// name and which status the conference has.
func (w wireConference) row() (Conference, string, error) {
	conference, err := w.conference()
	if err == nil && (conference.FriendlyName == "" || conference.Status == "") {
		err = fmt.Errorf("%w: it has no name or no status", errUnreadable)
	}
	return conference, w.SID.value, err
}
