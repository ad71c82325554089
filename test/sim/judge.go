package sim

import (
	"encoding/json"
	"net/http"
	"slices"

	"github.com/voiceops/conference-operator/api/v1alpha1"
	"github.com/voiceops/conference-operator/internal/roster"
	"github.com/voiceops/conference-operator/pkg/voicesim"
)

// before takes note of what is so before a request has its effect.
func (e *Ear) before() { e.moment(e.sim.Now()) }

// after judges the requests of the journal that were not judged so far, of which the
// last one was answered with a body.
func (e *Ear) after(body []byte) {
	e.mu.Lock()
	defer e.mu.Unlock()
	for _, request := range e.sim.Provider.JournalSince(e.lastSeq) {
		e.lastSeq = request.Seq
		switch request.Operation {
		case voicesim.OpUpdateParticipant:
			e.judge(request)
		case voicesim.OpListParticipants, voicesim.OpGetParticipant:
			if request.Status == http.StatusOK {
				e.read(request, body)
			}
		case voicesim.OpGetCall, voicesim.OpListCalls:
			if request.Status != http.StatusOK || request.Fault != 0 {
				e.unread[request.CallSID] = true
			}
		}
	}
}

// row is what a response says of a participant.
type row struct {
	CallSID  string  `json:"call_sid"`
	Muted    bool    `json:"muted"`
	Hold     bool    `json:"hold"`
	Coaching bool    `json:"coaching"`
	Coachee  *string `json:"call_sid_to_coach"`
}

// read takes note of what a response shows of coaching, and of what was opened.
func (e *Ear) read(request voicesim.Request, body []byte) {
	var shown struct {
		row

		Participants []row `json:"participants"`
	}
	// What can't be read shows nothing.
	_ = json.Unmarshal(body, &shown)
	for _, r := range append(shown.Participants, shown.row) {
		s := e.stays[request.ConferenceSID+"/"+r.CallSID]
		if s == nil {
			continue
		}
		for field, closed := range map[string]bool{"Muted": r.Muted, "Hold": r.Hold} {
			if was, there := s.opened[field]; there && !closed && !request.Time.Before(was.at.Add(roster.Settle)) {
				s.opened[field] = opened{was.at, true}
			}
		}
		s.shown = ""
		if r.Coaching && r.Coachee != nil {
			s.shown = *r.Coachee
		}
	}
}

// judge judges an update by what was so before it, and takes note of what it has done.
func (e *Ear) judge(request voicesim.Request) {
	s := e.stays[request.ConferenceSID+"/"+request.CallSID]
	room, _ := e.sim.Provider.Conference(request.ConferenceSID)
	if s == nil || len(e.known) == 0 {
		return
	}
	e.Judged++
	v := verdict{Ear: e, request: request, stay: s, role: e.roleOf(governing(e.conferences(), room.FriendlyName), request.CallSID)}
	v.opening("Muted", v.role.Muted)
	v.opening("Hold", v.role.Hold)
	v.whisper()
	v.entry()
	v.applied()
}

// verdict is the judgement of one update.
type verdict struct {
	*Ear

	request voicesim.Request
	stay    *stay
	role    v1alpha1.Role
}

// breaks reports that the update breaks a rule, unless a person wrote an object that
// declares so for the call leg.
func (v verdict) breaks(what string) {
	v.report("%s: %v for %s, %s, at %s: it is %+v", what, v.request.Form, v.request.CallSID, v.cast[v.request.CallSID], v.request.Time, v.stay.Participant)
}

// opening checks that what is opened was declared open, by a role or by hand, or was
// closed for a while and not touched since. It is opened again until a look shows that,
// which can't tell a person that has closed it in these seconds.
func (v verdict) opening(field string, declared *bool) {
	if v.request.Form.Get(field) != "false" {
		return
	}
	v.Opened++
	open := isFalse(declared) && v.role.CoachRole == "" || field == "Muted" && v.whispers()
	before, again := v.stay.opened[field]
	if v.stay.closed[field] || again && !before.shown {
		v.stay.opened[field] = opened{at: v.request.Time}
	} else if !open && !v.byHand(field, false) {
		v.breaks("the policy opens what it did not close")
	}
}

// whispers reports whether the role has the call leg heard by a coachee.
func (v verdict) whispers() bool { return v.role.CoachRole != "" && isFalse(v.role.Muted) }

// elsewhere reports whether a role that coaches no call leg declares it open.
func (v verdict) elsewhere() bool { return v.role.CoachRole == "" && isFalse(v.role.Muted) }

// whisper checks that a coach is unmuted for a coachee of the right role alone, of which
// a response has shown that it is being coached, and never otherwise.
func (v verdict) whisper() {
	if !v.stay.coached || v.request.Form.Get("Muted") != "false" {
		return
	}
	coachee := v.request.Form.Get("CallSidToCoach")
	shown := coachee != "" && coachee == v.stay.shown
	switch {
	case v.whispers() && shown && v.cast[coachee] == v.role.CoachRole:
	case v.elsewhere(), v.byHand("Muted", false):
	default:
		v.breaks("a coach is unmuted without a coaching that was shown")
	}
}

// entry checks that a call leg is muted once for its join, not again after a person has
// unmuted it, and that each announcement is played to it once.
func (v verdict) entry() {
	form, s := v.request.Form, v.stay
	if form.Get("Muted") == "true" && isTrue(v.role.MuteOnEntry) && !s.coached {
		again := s.mutes > 0
		if v.accepted() {
			s.mutes++
		}
		if again && !v.byHand("Muted", true) {
			v.breaks("a call leg is muted again for the same join")
		}
	}
	url := form.Get("AnnounceUrl")
	if url == "" || !v.request.Applied {
		return
	}
	if s.said[url]++; s.said[url] > 1 && len(v.written(v.request.CallSID)) == 0 {
		v.breaks("an announcement is played again for the same join")
	}
}

// accepted reports whether the provider has told that it applied the update.
func (v verdict) accepted() bool {
	return v.request.Applied && v.request.Status == http.StatusOK && v.request.Fault == 0
}

// applied takes note of what the update has done.
func (v verdict) applied() {
	now, there := v.sim.Provider.Participant(v.request.ConferenceSID, v.request.CallSID)
	s := v.stay
	if !there || !v.request.Applied {
		v.attempted()
		return
	}
	for field, value := range map[string]struct{ was, is bool }{"Muted": {s.Muted, now.Muted}, "Hold": {s.Hold, now.Hold}} {
		if value.was != value.is {
			s.closed[field] = value.is
		}
	}
	heard := func(p voicesim.Participant) bool { return !p.Muted && !p.Coaching }
	if s.coached && heard(now) && !heard(s.Participant) && !v.elsewhere() && !v.byHand("Muted", false) {
		v.breaks("a request of ours has a coach heard by everybody")
	}
	s.unmuted = s.unmuted && !now.Muted
	s.Participant = now
}

// attempted takes note of what an update would have closed that was not applied, and that
// the operator can't know of: it has to open that again.
func (v verdict) attempted() {
	if status := v.request.Status; status >= http.StatusMultipleChoices && status < http.StatusInternalServerError {
		return
	}
	for field, is := range map[string]bool{"Muted": v.stay.Muted, "Hold": v.stay.Hold} {
		if v.request.Form.Get(field) == "true" && !is {
			v.stay.closed[field] = true
		}
	}
}

// byHand reports whether an object that a person wrote has a field at a value.
func (v verdict) byHand(field string, value bool) bool {
	return slices.ContainsFunc(v.written(v.request.CallSID), func(object Object) bool {
		controls := []v1alpha1.AudioControls{object.Spec.AudioControls}
		if object.Spec.Once != nil {
			controls = append(controls, object.Spec.Once.AudioControls)
		}
		return object.Spec.DeletionPolicy == v1alpha1.DeletionReset || slices.ContainsFunc(controls, func(c v1alpha1.AudioControls) bool {
			declared := c.Muted
			if field == "Hold" {
				declared = c.Hold
			}
			return declared != nil && *declared == value
		})
	})
}
