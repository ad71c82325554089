package memory

import (
	"time"

	"k8s.io/apimachinery/pkg/types"

	"github.com/voiceops/conference-operator/api/v1alpha1"
	"github.com/voiceops/conference-operator/internal/backoff"
	"github.com/voiceops/conference-operator/internal/claim"
	"github.com/voiceops/conference-operator/internal/controller/status"
	"github.com/voiceops/conference-operator/internal/plan"
	"github.com/voiceops/conference-operator/internal/roster"
)

// Subject is the object that is remembered. It never changes.
type Subject struct {
	// Name is the object's name.
	Name types.NamespacedName
	// UID is the object's.
	UID types.UID
	// Key is its conference.
	Key roster.Key
	// CallSID is its call leg.
	CallSID string
}

// Memory is what is remembered of one object.
type Memory struct {
	Subject
	// Edit is the change of the object that is to be judged, or was.
	Edit Edit
	// Look says which observations may be used.
	Look Look
	// Backlog is what is to be sent and can't be.
	Backlog Backlog
	// Updates is the history of the object's updates.
	Updates plan.History
	// Retry is the object's own back-off after updates that failed.
	Retry backoff.State
	// RetryCause is what they met.
	RetryCause Cause
	// Account is what the object was last reached through.
	Account Account
	// Claim is the last result of the comparison with rivals (R9).
	Claim claim.State
	// Coachee is what is remembered of the participant to coach.
	Coachee Coachee
	// Unreadable says that the object reports that its participant can't be read.
	Unreadable bool
	// DeadlinePassed says that the join deadline was found to have passed.
	DeadlinePassed bool
	// ConferenceOver says that the conference was found to be over, which no edit
	// changes.
	ConferenceOver bool
	// Deletion is how far the object's deletion has come.
	Deletion Deletion
	// Announcement is the pending announcement.
	Announcement Announcement
	// Unsaved is the record of an announcement after a request, while it is not
	// in the status yet; nil if there is none.
	Unsaved *plan.Record
	// Joined is the latest join of the participant that was seen; zero if none could
	// be dated.
	Joined time.Time
	// UnsavedOnce is the record of what is done once, while what was done since is
	// not in the status yet; nil if there is none.
	UnsavedOnce *[]v1alpha1.OnceStatus
	// Stored is the status that this process wrote last.
	Stored status.Stored[v1alpha1.ConferenceParticipantStatus]
	// ReportAt is the object's turn to report what a whole account has to.
	ReportAt time.Time
	// Managed is what the last judged spec restricted.
	Managed plan.Restricted
}

// Forgettable reports whether the status in the cache says all that is remembered of
// a finished object: a later reconcile takes it up as after a restart.
func (m Memory) Forgettable() bool {
	return m.Unsaved == nil && m.UnsavedOnce == nil && m.Stored.Seen() && m.ReportAt.IsZero()
}

// ForNewEdit returns the memory at a new edit, which ends every wait of the one
// before.
func (m Memory) ForNewEdit() Memory {
	m.Look, m.Backlog = m.Look.Cancel(), m.Backlog.Restart()
	m.Retry, m.Coachee, m.DeadlinePassed = backoff.State{}, Coachee{}, false
	return m
}

// ForAnotherAccount returns the memory where the object turns out to be in another
// account of the provider: nothing of what was learned holds for it.
func (m Memory) ForAnotherAccount() Memory {
	m.Updates, m.Edit, m.Look, m.Backlog = plan.History{}, m.Edit.Reset(), m.Look.Cancel(), m.Backlog.Clear()
	return m
}

// Unsubscribed returns the memory of an object for which nothing may be sent any
// more: a fresh observation comes before its next request.
func (m Memory) Unsubscribed() Memory {
	m.Edit, m.Look, m.Backlog = m.Edit.Reset(), m.Look.Cancel(), m.Backlog.Clear()
	return m
}

// Concluded returns the memory of an object for which nothing is to be sent, as an
// observation shows.
func (m Memory) Concluded(o roster.Observation) Memory {
	m.Edit, m.Backlog = m.Edit.Find(o), m.Backlog.Clear()
	return m
}

// Finished returns the memory of an object that was decided on and has nothing to
// send.
func (m Memory) Finished() Memory {
	m.Edit, m.Backlog = m.Edit.Judge(), m.Backlog.Clear()
	return m
}
