package participant

import (
	"sync"
	"time"

	"k8s.io/apimachinery/pkg/types"
	"k8s.io/apimachinery/pkg/util/resourceversion"

	"github.com/voiceops/conference-operator/api/v1alpha1"
	"github.com/voiceops/conference-operator/internal/gateway"
	"github.com/voiceops/conference-operator/internal/plan"
)

// notes are what this process remembers of one object. A workqueue never runs
// two passes of one key at a time, so only the notebook needs a lock.
type notes struct {
	name types.NamespacedName
	uid  types.UID
	key  gateway.Key
	call string

	// history is of the updates.
	history plan.History
	// seenAt is when this process first saw the object.
	seenAt time.Time
	// request is the edit that is to be judged, and judged whether it was: by
	// an observation that is fresh enough for it (R2).
	request request
	judged  bool
	// urgent says that somebody waits for the request, as opposed to an object
	// that was there before this process; due that an update was planned and
	// could not be sent.
	urgent, due bool
	// reported says that the object was reported on before this process began and
	// is the same since: any look of this process will do to judge it by.
	reported bool
	// askedAt is when a look was asked for that has not come; zero if none.
	askedAt time.Time
	// updatedAt is when our last accepted update was sent; what was seen before
	// that is void, and so is all up to voidUntil, when one was given up whose
	// outcome is not known.
	updatedAt, voidUntil time.Time
	// notBefore is the object's own back-off after failures in a row, trouble
	// what they were.
	notBefore time.Time
	trouble   gateway.Trouble
	failures  int
	// vanished counts updates that were answered as if nobody was there.
	vanished int
	// waiting says since when something to send is held back.
	waiting waiting
	// gateway is through which the object was reached last, and deniedAt when an
	// update through it was refused as unauthorized.
	gateway  *gateway.Gateway
	deniedAt time.Time
	// owner is whose the object was last, among the provider's accounts.
	owner string
	// claimed says that the object claimed its participant in its last pass.
	claimed bool
	// coacheeSince is since when a coachee is waited for.
	coacheeSince time.Time
	// announced is the announcement that is pending; played is what became of one
	// and is not in the status yet.
	announced announced
	played    *plan.Record
	// closed is what the last judged spec declared closed.
	closed plan.Closed
	// tellAt is the object's turn to tell what a whole crowd is told.
	tellAt time.Time
	// written is the status this process wrote last, and at which version.
	written written
}

// request is an edit or a demand for a fresh look.
type request struct {
	generation  int64
	requestedAt string
	// at is when this process first saw it.
	at time.Time
}

// waiting is since when something to send is held back, and since when by the
// account's limits or the provider's word; zero if it isn't.
type waiting struct {
	since, throttled time.Time
}

type announced struct {
	id string
	// since is from when only the state was waited for; zero if not so far.
	since time.Time
	// notBefore is the back-off after failures in a row, and deniedAt when a
	// request was refused as unauthorized. The state's requests have their own.
	notBefore time.Time
	failures  int
	deniedAt  time.Time
}

type written struct {
	status          v1alpha1.ConferenceParticipantStatus
	finalizers      []string
	resourceVersion string
}

func writtenTo(object *v1alpha1.ConferenceParticipant) written {
	return written{*object.Status.DeepCopy(), object.Finalizers, object.ResourceVersion}
}

// overlay gives an object the status and the finalizers that this process wrote
// last, where the cache has not seen it yet: no pass acts on its own past (R14).
// What the cache has seen is kept no longer.
func (w *written) overlay(object *v1alpha1.ConferenceParticipant) {
	if w.resourceVersion == "" {
		return
	}
	order, err := resourceversion.CompareResourceVersion(w.resourceVersion, object.ResourceVersion)
	if err != nil || order <= 0 {
		*w = written{}
		return
	}
	object.Status = *w.status.DeepCopy()
	object.Finalizers = w.finalizers
	object.ResourceVersion = w.resourceVersion
}

// notebook keeps the notes about each object, by its name. The zero value is
// ready to use.
type notebook struct {
	mu    sync.Mutex
	notes map[types.NamespacedName]*notes
}

// open returns the notes about an object, new ones on first sight. Those about
// another object of the same name are dropped, and returned as stale.
func (b *notebook) open(fresh notes) (opened, stale *notes) {
	b.mu.Lock()
	defer b.mu.Unlock()
	known := b.notes[fresh.name]
	if known != nil && known.uid == fresh.uid {
		return known, nil
	}
	if b.notes == nil {
		b.notes = map[types.NamespacedName]*notes{}
	}
	b.notes[fresh.name] = &fresh
	return &fresh, known
}

// close drops the notes about a name and returns them; nil if there are none.
func (b *notebook) close(name types.NamespacedName) *notes {
	b.mu.Lock()
	defer b.mu.Unlock()
	closed := b.notes[name]
	delete(b.notes, name)
	if len(b.notes) == 0 {
		// A map keeps the room that its largest crowd took.
		b.notes = nil
	}
	return closed
}
