package voice

import "net/url"

// ConferenceUpdate is a change of a conference. Fields that are false or empty stay
// as they are.
type ConferenceUpdate struct {
	// Complete ends the conference, which hangs up all of its participants.
	Complete bool
	// AnnounceURL and AnnounceMethod are a document that is played to the whole
	// conference each time it is sent. The method is always sent with the URL, POST
	// if empty.
	AnnounceURL, AnnounceMethod string
}

// Form returns the update by the names of its fields, with the method filled in. The
// client sends the same values under the names of its dialect.
func (u ConferenceUpdate) Form() url.Values {
	form := url.Values{}
	if u.Complete {
		// A conference can have no other status from outside.
		form.Set(string(FieldStatus), ConferenceCompleted)
	}
	announce(form, u.AnnounceURL, u.AnnounceMethod)
	return form
}
