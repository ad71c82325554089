package plan

import (
	"slices"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/utils/ptr"

	"github.com/voiceops/conference-operator/api/v1alpha1"
	"github.com/voiceops/conference-operator/internal/voice"
)

const (
	// orphanAfter is from when a claim is taken for one of a process that died:
	// longer than any pass takes.
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

// Refresh brings the record in line with what is declared and with the time:
// the id that is new is pending, the one that was replaced is not, the one that
// is too late has expired, and a claim that nobody can be at work on any more is
// settled (R10). The zero time means that nothing changes by itself.
func (r Record) Refresh(declared *v1alpha1.Announcement, now time.Time) (refreshed Record, next time.Time) {
	if orphanAt := r.orphanAt(); !orphanAt.IsZero() {
		if now.Before(orphanAt) {
			return r, orphanAt
		}
		r = r.Unknown(declared, now)
	}
	if r.Pending() && (declared == nil || declared.ID != r.Current.ID) {
		r = r.supersede(now)
	}
	if declared == nil {
		return r, time.Time{}
	}
	return r.declare(declared).expire(declared, now)
}

// expire ends what is too late.
func (r Record) expire(declared *v1alpha1.Announcement, now time.Time) (expired Record, next time.Time) {
	if !r.Pending() {
		return r, time.Time{}
	}
	limit := r.limit(declared)
	if limit.IsZero() || now.Before(limit) {
		return r, limit
	}
	return r.finish(r.lateState(), "", now), time.Time{}
}

// Pending says whether there is something to play.
func (r Record) Pending() bool {
	return r.Current != nil && r.Current.State == v1alpha1.AnnouncementPending
}

// Claimed says whether a request is under way, or was when its process died.
func (r Record) Claimed() bool {
	return r.Current != nil && r.Current.State == v1alpha1.AnnouncementClaimed
}

// orphanAt is when an open claim is given up; zero if there is none.
func (r Record) orphanAt() time.Time {
	if !r.Claimed() || r.Current.ClaimTime == nil {
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
func (r Record) declare(declared *v1alpha1.Announcement) Record {
	digest := digest([]string{declared.ID, string(declared.URL), string(declared.Method)})
	switch {
	case r.Current != nil && (r.Current.ID == declared.ID || slices.Contains(r.Handled, declared.ID)):
		current := *r.Current
		current.InputsDigest = digest
		r.Current = &current
	case !slices.Contains(r.Handled, declared.ID):
		r.Current = &v1alpha1.AnnouncementStatus{ID: declared.ID, State: v1alpha1.AnnouncementPending, InputsDigest: digest}
	}
	return r
}

// limit is from when a pending announcement is not played any more.
func (r Record) limit(declared *v1alpha1.Announcement) (limit time.Time) {
	if declared.NotAfterTime != nil {
		limit = declared.NotAfterTime.Time
	}
	if r.Current.ClaimTime == nil {
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

// Claim is the record before the request: from here on it may be played.
func (r Record) Claim(now time.Time) Record {
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
	return r.finish(v1alpha1.AnnouncementRejected, Explain(refused), now)
}

// Unknown is the record after a request that may have been carried out: done
// with, unless it says Retry and is declared still.
func (r Record) Unknown(declared *v1alpha1.Announcement, now time.Time) Record {
	again := declared != nil && declared.ID == r.Current.ID && declared.OnUnknown == v1alpha1.UnknownRetry &&
		r.Current.Attempts < announceAttempts && now.Before(r.Current.ClaimTime.Add(announceFor))
	if !again {
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
	r.Handled = append([]string{current.ID}, r.Handled...)
	r.Handled = r.Handled[:min(len(r.Handled), handledLimit)]
	return r
}

// MayAnnounce says whether a pending announcement may be played now, in view of
// what the state of the participant came to, or else when: it waits a while for
// what is about to be sent, and is silenced only where nobody knows whether this
// is the right participant at all.
func MayAnnounce(reason string, since, now time.Time) (may bool, at time.Time) {
	switch reason {
	case v1alpha1.ReasonInvalidReference:
		return false, time.Time{}
	case v1alpha1.ReasonConverging, v1alpha1.ReasonWaitingForCoachee:
		at = since.Add(announceWait)
		return !now.Before(at), at
	default:
		return true, time.Time{}
	}
}

// Announce is the request that plays an announcement: it, the coaching pair
// wherever leaving that out could end a coaching (R4), and nothing else.
func Announce(a *v1alpha1.Announcement, d Desired, o Observed, h History) (u voice.Update, carried bool) {
	u.AnnounceURL, u.AnnounceMethod = string(a.URL), string(a.Method)
	pair := pairOf(h.believed(o))
	if d.Coaching == nil && !pair.On || h.WithoutPair {
		return u, false
	}
	u.Coaching, u.CallSIDToCoach = &pair.On, pair.Coachee
	return u, true
}
