package policy

import (
	"encoding/json"
	"time"

	"github.com/voiceops/conference-operator/api/v1alpha1"
)

// Record is what a child says of the policy behind it, so that it survives a crash.
type Record struct {
	// Digest identifies what the Conference has declared for the child.
	Digest string `json:"digest,omitempty"`
	// Muted says that muted was closed for a while, not declared (R23).
	Muted bool `json:"muted,omitempty"`
	// Hold says the same of hold.
	Hold bool `json:"hold,omitempty"`
	// Waits says that the hold is that of waitForRole (R24).
	Waits bool `json:"waits,omitempty"`
	// Joined is the join that the child was made for; zero if it can't be read.
	Joined time.Time `json:"joined,omitzero"`
	// Entered says that it is decided what is done on entry for that join (R26).
	Entered bool `json:"entered,omitempty"`
	// Coach is the role that has the call leg coach, or had until an edit: without
	// that it stays muted in this role (R20).
	Coach v1alpha1.RoleName `json:"coach,omitempty"`
	// Released is since when the child only opens what it closed for a while, because
	// the call leg is out of the policy; zero while it is not (R22).
	Released time.Time `json:"released,omitzero"`
	// Withdrawn says that the Conference has the child send nothing, being suspended or in
	// mode Observe: that ends with the Conference (R28).
	Withdrawn bool `json:"withdrawn,omitempty"`
}

// ChildOf is a ConferenceParticipant as a policy sees it. An annotation that can't be
// read is no record.
func ChildOf(object *v1alpha1.ConferenceParticipant) Child {
	child := Child{
		Name: object.Name, UID: object.UID, Role: v1alpha1.RoleName(object.Labels[v1alpha1.RoleLabel]),
		Spec: object.Spec, Once: object.Status.Once,
	}
	_ = json.Unmarshal([]byte(object.Annotations[v1alpha1.PolicyAnnotation]), &child.Record)
	if object.Status.CallState == v1alpha1.CallLeft && object.Status.FinishTime != nil {
		child.Left = object.Status.FinishTime.Time
	}
	return child
}
