package plan

import (
	"slices"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/utils/ptr"

	"github.com/voiceops/conference-operator/api/v1alpha1"
	"github.com/voiceops/conference-operator/internal/roster"
	"github.com/voiceops/conference-operator/internal/voice"
)

const (
	// orphanAfter is the age from which on an intent is taken for one of a process
	// that died: longer than any reconcile takes.
	orphanAfter = 10 * time.Second
	// An announcement that may or may not have been played is tried so often,
	// for so long, where it says Retry.
	announceAttempts = 3
	announceFor      = 30 * time.Second
	// announceWait is how long an announcement waits for the declared state.
	announceWait = 10 * time.Second
	// handledLimit is how many announcements are remembered.
	handledLimit = 64
)

// Record is what a status remembers of announcements.
type Record struct {
	// Current is the announcement at hand; nil if there was none.
	Current *v1alpha1.AnnouncementStatus
	// Handled are the ids that are done with, newest first.
	Handled []string
}

// Refresh brings the record in line with what is requested, nil for nothing, and
// with the time: a new id is pending, one that was replaced is not, one that is too
// late has expired, and the intent of a process that is gone is finalized (R10).
// The zero time means that nothing changes by itself.
func (r Record) Refresh(request *AnnouncementRequest, now time.Time) (refreshed Record, next time.Time) {
	if orphanAt := r.orphanAt(); !orphanAt.IsZero() {
		if now.Before(orphanAt) {
			return r, orphanAt
		}
		r = r.Unknown(request, now)
	}
	if r.Pending() && (request == nil || request.ID != r.Current.ID) {
		r = r.supersede(now)
	}
	if request == nil {
		return r, time.Time{}
	}
	return r.declare(request).expire(request, now)
}

// expire ends what is too late.
func (r Record) expire(request *AnnouncementRequest, now time.Time) (expired Record, next time.Time) {
	if !r.Pending() {
		return r, time.Time{}
	}
	limit := r.limit(request)
	if limit.IsZero() || now.Before(limit) {
		return r, limit
	}
	return r.finish(r.lateState(), "", now), time.Time{}
}

// Pending reports whether there is something to play.
func (r Record) Pending() bool {
	return r.Current != nil && r.Current.State == v1alpha1.AnnouncementPending
}

// Intended reports whether a request is under way, or was when its process died.
func (r Record) Intended() bool {
	return r.Current != nil && r.Current.State == v1alpha1.AnnouncementClaimed
}

// orphanAt is when an open intent is given up; zero if there is none.
func (r Record) orphanAt() time.Time {
	if !r.Intended() || r.Current.ClaimTime == nil {
		return time.Time{}
	}
	return r.Current.ClaimTime.Add(orphanAfter * time.Duration(r.Current.Attempts))
}

// supersede drops an announcement that was not played; one that may have been
// is done with.
func (r Record) supersede(now time.Time) Record {
	if r.Current.ClaimTime != nil {
		return r.finish(v1alpha1.AnnouncementUnknown, "", now)
	}
	r.Current = nil
	return r
}

// declare takes a new id up. One that was handled stays inert, whatever is
// declared with it; the digest only remembers what was.
func (r Record) declare(request *AnnouncementRequest) Record {
	digest := digest([]string{request.ID, request.URL, request.Method})
	switch {
	case r.Current != nil && (r.Current.ID == request.ID || slices.Contains(r.Handled, request.ID)):
		current := *r.Current
		current.InputsDigest = digest
		r.Current = &current
	case !slices.Contains(r.Handled, request.ID):
		r.Current = &v1alpha1.AnnouncementStatus{ID: request.ID, State: v1alpha1.AnnouncementPending, InputsDigest: digest}
	}
	return r
}

// limit is from when a pending announcement is not played any more.
func (r Record) limit(request *AnnouncementRequest) (limit time.Time) {
	limit = request.NotAfter
	if r.Current.ClaimTime == nil || request.Harmless {
		return limit
	}
	if retries := r.Current.ClaimTime.Add(announceFor); limit.IsZero() || retries.Before(limit) {
		limit = retries
	}
	return limit
}

// lateState is what an announcement becomes that is too late.
func (r Record) lateState() v1alpha1.AnnouncementState {
	if r.Current.ClaimTime != nil {
		return v1alpha1.AnnouncementUnknown
	}
	return v1alpha1.AnnouncementExpired
}

// Intend is the record before the request: from here on it may be played.
func (r Record) Intend(now time.Time) Record {
	current := *r.Current
	current.State = v1alpha1.AnnouncementClaimed
	current.Attempts++
	if current.ClaimTime == nil {
		current.ClaimTime = ptr.To(metav1.NewMicroTime(now))
	}
	r.Current = &current
	return r
}

// Release is the record after a request that was certainly not carried out.
func (r Record) Release() Record {
	current := *r.Current
	current.State = v1alpha1.AnnouncementPending
	current.Attempts--
	if current.Attempts == 0 {
		current.ClaimTime = nil
	}
	r.Current = &current
	return r
}

// Accepted is the record after the provider accepted.
func (r Record) Accepted(now time.Time) Record {
	return r.finish(v1alpha1.AnnouncementAccepted, "", now)
}

// Rejected is the record after the provider refused.
func (r Record) Rejected(refused *voice.Error, now time.Time) Record {
	return r.finish(v1alpha1.AnnouncementRejected, refused.Explain(), now)
}

// Unknown is the record after a request that may have been carried out: done
// with, unless it says Retry and is declared still.
func (r Record) Unknown(request *AnnouncementRequest, now time.Time) Record {
	if request == nil || request.ID != r.Current.ID || !request.repeats(r.Current, now) {
		return r.finish(v1alpha1.AnnouncementUnknown, "", now)
	}
	current := *r.Current
	current.State = v1alpha1.AnnouncementPending
	r.Current = &current
	return r
}

// finish makes a state final and remembers the id.
func (r Record) finish(state v1alpha1.AnnouncementState, message string, now time.Time) Record {
	current := *r.Current
	current.State, current.Message = state, message
	current.FinishTime = ptr.To(metav1.NewTime(now.Truncate(time.Second)))
	r.Current = &current
	r.Handled = Remember(r.Handled, current.ID)
	return r
}

// Remember returns the ids that are done with, newest first, after one more. The given
// ones are not changed.
func Remember(handled []string, id string) []string {
	handled = append([]string{id}, handled...)
	return handled[:min(len(handled), handledLimit)]
}

// MayAnnounce reports whether a pending announcement may be played now, in view
// of the participant's progress, or else when: it waits a while for what is about
// to be sent, and is silenced only where it is not certain that this is the right
// participant at all.
func MayAnnounce(progress Progress, since, now time.Time) (may bool, at time.Time) {
	switch progress {
	case ReferenceInvalid:
		return false, time.Time{}
	case Converging, AwaitingCoachee:
		at = since.Add(announceWait)
		return !now.Before(at), at
	default:
		return true, time.Time{}
	}
}

// Announce is the update that plays an announcement: it, the coaching pair
// wherever leaving that out could end a coaching (R4), and nothing else.
func Announce(request *AnnouncementRequest, d Desired, o roster.Observation, h History) (u voice.Update, carried bool) {
	u.AnnounceURL, u.AnnounceMethod = request.URL, request.Method
	pair := pairOf(h.assumed(o))
	if d.Coaching == nil && !pair.On || h.WithoutPair {
		return u, false
	}
	u.Coaching, u.CallSIDToCoach = &pair.On, pair.Coachee
	return u, true
}
