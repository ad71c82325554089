package faults

import (
	"fmt"
	"net/http"
	"slices"
	"strings"

	"github.com/voiceops/conference-operator/api/v1alpha1"
	"github.com/voiceops/conference-operator/pkg/voicesim"
	"github.com/voiceops/conference-operator/test/sim"
)

// announcement is one that was declared in a walk.
type announcement struct {
	object string
	// most is how often it may be sent, sent how often it was so that it may have
	// been played, reported how often its end was reported.
	most, sent, reported int
	// excused says that the process that knew its end may have crashed, or the
	// object may be gone.
	excused bool
}

// announce declares an announcement.
func (w *walk) announce() {
	w.any(func(name string) {
		id := fmt.Sprintf("id-%d", len(w.announcements))
		declared := v1alpha1.Announcement{ID: id, URL: v1alpha1.DocumentURL("https://media.example.com/" + id), OnUnknown: v1alpha1.UnknownSkip}
		w.announcements[id] = &announcement{object: name, most: 1}
		if w.IntN(4) == 0 {
			declared.OnUnknown, w.announcements[id].most = v1alpha1.UnknownRetry, 3
		}
		w.Edit(name, func(s *sim.Spec) { s.Announcement = &declared })
	})
}

// excuse has nothing be reported of what was declared for an object so far.
func (w *walk) excuse(object string) {
	for _, declared := range w.announcements {
		declared.excused = declared.excused || declared.object == object
	}
}

// countSent counts a request that may have played an announcement.
func (w *walk) countSent(request voicesim.Request) {
	refused := []int{
		http.StatusTooManyRequests, http.StatusUnprocessableEntity, http.StatusUnauthorized, http.StatusForbidden, http.StatusNotFound,
	}
	if !request.Form.Has("AnnounceUrl") || slices.Contains(refused, request.Status) {
		return
	}
	_, id, _ := strings.Cut(request.Form.Get("AnnounceUrl"), "example.com/")
	w.announcements[id].sent++
}

// countOutcomes counts an event about the end of an announcement.
func (w *walk) countOutcomes(event string) {
	for _, word := range strings.FieldsFunc(event, func(r rune) bool { return r == ' ' || r == '.' || r == ',' }) {
		if declared := w.announcements[word]; declared != nil {
			declared.reported++
		}
	}
}

// accountForAnnouncements checks that none was sent too often, and that each
// ended in an event, or at least in a final state.
func (w *walk) accountForAnnouncements() {
	for id, declared := range w.announcements {
		if declared.sent > declared.most {
			w.failed("%s was sent %d times", id, declared.sent)
		}
		if declared.reported == 0 && !declared.excused && !w.handled(id, declared.object) {
			w.failed("nothing is reported of %s for %s", id, declared.object)
		}
	}
}

// handled reports whether an announcement is done with, or still waits for a call
// that was never seen.
func (w *walk) handled(id, object string) bool {
	if !slices.Contains(w.names, object) {
		return false
	}
	status := w.Get(object).Status
	waits := status.CallState == v1alpha1.CallWaiting && status.Announcement != nil && status.Announcement.ID == id
	return waits || slices.Contains(status.HandledAnnouncementIDs, id)
}
