package policy

import (
	"strconv"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/voiceops/conference-operator/api/v1alpha1"
)

// entryLimit is until how long after a join its announcement may be played (R26).
const entryLimit = time.Minute

// decided reports whether it is known what is done on entry of a call leg. One with
// a role that a Secret keeps unknown is not muted for it minutes later.
func (v *view) decided(q *party) bool {
	return q.known || q.unread && !v.now.Before(q.join.Add(entryLimit))
}

// entered reports whether that is decided now, or is not for the policy to decide.
func (v *view) entered(q *party) bool { return q.Entered && (q.Overridden || v.decided(q)) }

// announcement is what a child plays: what it has for this join already, or that of
// the role on entry.
func (v *view) announcement(q *party, r *v1alpha1.Role) *v1alpha1.Announcement {
	limit := q.join.Add(entryLimit)
	switch {
	case q.stored.Announcement != nil && !q.rejoined:
		return q.stored.Announcement
	case r.Announcement == nil || !q.entering() || !v.now.Before(limit):
		return nil
	}
	return &v1alpha1.Announcement{
		ID:           r.Announcement.ID + "-" + hashOf(strconv.FormatInt(q.Joined.Unix(), 10))[:6],
		URL:          r.Announcement.URL,
		Method:       r.Announcement.Method,
		NotAfterTime: new(metav1.NewTime(limit.Truncate(time.Second))),
		OnUnknown:    v1alpha1.UnknownSkip,
	}
}

// greets reports whether a role declares something for those that join.
func greets(r *v1alpha1.Role) bool { return isTrue(r.MuteOnEntry) || r.Announcement != nil }

// muteOnEntry reports whether a call leg is muted because it joins: when that is
// due, and if it was muted for it while its role was unknown.
func (q *party) muteOnEntry(r *v1alpha1.Role, muted control) bool {
	return isTrue(r.MuteOnEntry) && (q.entering() || muted.aWhile && isTrue(muted.once))
}
