package conference

import (
	"fmt"
	"maps"
	"slices"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/voiceops/conference-operator/api/v1alpha1"
	"github.com/voiceops/conference-operator/internal/controller/status"
	"github.com/voiceops/conference-operator/internal/directory"
)

// maxParticipants is how many call legs a status shows.
const maxParticipants = 50

// statusAfter is the status that a verdict leaves behind. It is pure.
func statusAfter(f *facts, verdict status.Verdict) v1alpha1.ConferenceStatus {
	after, object := *f.object.Status.DeepCopy(), f.object
	after.ObservedGeneration = object.Generation
	after.Conditions = status.Apply(after.Conditions, verdict, object.Generation, f.now)
	after.LastHandledReconcileAt = requestedAt(object)
	if f.idle() || !f.directoryKnown {
		return after
	}
	after.RoomState = stateOf(f.governed)
	counts := f.counts()
	after.Counts, after.Roles = &counts, f.roles()
	after.Rooms, after.Participants = nil, nil
	if object.Spec.FriendlyName != "" {
		after.Rooms = f.rooms()
	}
	if reportsParticipants(&object.Spec) {
		after.Participants = f.participants()
	}
	status.SetWhileTrue(&after.Conditions, v1alpha1.ConditionIdentified, f.identified(), object.Generation, f.now)
	status.SetWhileTrue(&after.Conditions, v1alpha1.ConditionWaiting, f.waiting(), object.Generation, f.now)
	return after
}

// reportsParticipants reports whether the status shows call legs.
func reportsParticipants(spec *v1alpha1.ConferenceSpec) bool {
	if spec.Report == "" {
		return spec.FriendlyName != ""
	}
	return spec.Report == v1alpha1.ReportParticipants
}

// stateOf is the state of several rooms together.
func stateOf(rooms []directory.Room) v1alpha1.RoomState {
	switch {
	case len(rooms) == 0:
		return v1alpha1.RoomNone
	case len(rooms) > 1:
		return v1alpha1.RoomSeveral
	case rooms[0].Waiting:
		return v1alpha1.RoomWaiting
	default:
		return v1alpha1.RoomLive
	}
}

// counts adds up the rooms.
func (f *facts) counts() (all v1alpha1.RoomCounts) {
	for range f.governed {
		all.Rooms++
	}
	for _, found := range f.results {
		all.Participants += found.counts.Participants
		all.Managed += found.counts.Managed
		all.Muted += found.counts.Muted
		all.Hold += found.counts.Hold
		all.Coaching += found.counts.Coaching
		all.Unidentified += found.counts.Unidentified
		all.Overridden += found.counts.Overridden
		all.NotReady += found.counts.NotReady
	}
	return all
}

// roles counts the call legs of each role, in the order of the spec.
func (f *facts) roles() (counts []v1alpha1.RoleCount) {
	for _, role := range f.object.Spec.Roles {
		count := v1alpha1.RoleCount{Name: role.Name}
		for _, found := range f.results {
			count.Participants += found.roles[role.Name]
		}
		counts = append(counts, count)
	}
	return counts
}

// rooms are the rooms as the status shows them. What became of requests to them stays.
func (f *facts) rooms() (rooms []v1alpha1.RoomStatus) {
	before := map[string]v1alpha1.RoomStatus{}
	for _, room := range f.object.Status.Rooms {
		before[room.ConferenceSID] = room
	}
	for _, room := range f.governed {
		next := before[room.SID]
		next.ConferenceSID, next.State = room.SID, stateOf([]directory.Room{room})
		next.Waiting = f.results[room.SID].waiting
		if !room.Created.IsZero() {
			next.StartTime = &metav1.Time{Time: room.Created}
		}
		rooms = append(rooms, next)
	}
	return rooms
}

// participants is a sample of the call legs of all rooms.
func (f *facts) participants() (sample []v1alpha1.RoomParticipant) {
	for _, room := range f.governed {
		sample = append(sample, f.results[room.SID].sample...)
	}
	return sample[:min(len(sample), maxParticipants)]
}

// identified is the condition Identified while it says something; nil if not.
func (f *facts) identified() *metav1.Condition {
	unidentified, failing := map[v1alpha1.RoleName]int32{}, false
	for _, found := range f.results {
		failing = failing || found.failing
		for role, count := range found.unidentified {
			unidentified[role] += count
		}
	}
	if len(unidentified) == 0 {
		return nil
	}
	role := slices.Sorted(maps.Keys(unidentified))[0]
	if failing {
		return &metav1.Condition{Status: metav1.ConditionFalse, Reason: v1alpha1.ReasonLookupFailing, Message: fmt.Sprintf(
			"The calls of those that join can't be read, so that it is not known which of them have the role %s. Roles stay as they are; mark the role by endConferenceOnExit, or write a ConferenceParticipant by hand.", role)}
	}
	return &metav1.Condition{Status: metav1.ConditionFalse, Reason: v1alpha1.ReasonUnidentified, Message: fmt.Sprintf(
		"It is not known yet whether %d call legs have the role %s; their calls are being read.", unidentified[role], role)}
}

// waiting is the condition Waiting while it says something; nil if not.
func (f *facts) waiting() *metav1.Condition {
	for _, found := range f.results {
		if found.waiting && f.object.Spec.WaitForRole != nil {
			return &metav1.Condition{Status: metav1.ConditionTrue, Reason: v1alpha1.ReasonWaitingForRole, Message: fmt.Sprintf(
				"Those that join are on hold until a call leg of the role %s is there.", f.object.Spec.WaitForRole.Role)}
		}
	}
	return nil
}
