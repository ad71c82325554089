package v1alpha1

import (
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// The labels and annotations of the ConferenceParticipants that a Conference makes.
const (
	// ConferenceLabel has the name of the Conference.
	ConferenceLabel = "conference.voiceops.dev/conference"
	// RoleLabel has the name of the role.
	RoleLabel = "conference.voiceops.dev/role"
	// PolicyAnnotation has a digest of what the Conference has declared last, and
	// what it has closed for a while. It is written by the operator alone.
	PolicyAnnotation = "conference.voiceops.dev/policy"
)

// RoomName is the friendly name of a room, as in the provider's documents:
// <Dial><Conference>all-hands</Conference>. Names are compared byte by byte, and have no
// control characters.
//
// +kubebuilder:validation:MaxLength=64
// +kubebuilder:validation:Pattern=`^[^\x00-\x1f\x7f-\x9f]*$`
type RoomName string

// RoomEnd hangs up everybody in the rooms in progress, once for each id.
type RoomEnd struct {
	// id of the request: 1 to 63 letters, digits, '-', '_' and '.'. An id that this
	// object had before ends nothing again.
	//
	// +required
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=63
	// +kubebuilder:validation:XValidation:rule="self.matches('^[A-Za-z0-9._-]+$')",message="id must consist of letters, digits, '-', '_' and '.', such as after-the-incident"
	ID string `json:"id,omitempty"`

	// notAfterTime is the time from which nothing is ended any more, such as
	// "2026-11-23T18:00:00Z". It keeps a revert, and an object that is created again,
	// from ending a later room.
	//
	// +required
	NotAfterTime metav1.Time `json:"notAfterTime,omitzero"`
}

// EndWhenRoleLeaves ends a room after the last call leg of a role has left it.
type EndWhenRoleLeaves struct {
	// role that must have left.
	//
	// +required
	Role RoleName `json:"role,omitempty"`

	// afterSeconds is how long after the last of the role was seen to leave the room
	// is ended, unless one is back.
	//
	// +required
	// +kubebuilder:validation:Minimum=30
	// +kubebuilder:validation:Maximum=86400
	AfterSeconds int32 `json:"afterSeconds,omitempty"`
}

// Report says how much of a room the status shows.
//
// +kubebuilder:validation:Enum=Participants;Summary
type Report string

const (
	// ReportParticipants shows a sample of 50 call legs.
	ReportParticipants Report = "Participants"
	// ReportSummary shows counts alone.
	ReportSummary Report = "Summary"
)

// ConferenceSpec declares which roles the call legs in a room have, and what holds
// for each.
//
// +kubebuilder:validation:XValidation:rule="has(self.friendlyName) != has(self.friendlyNamePrefix)",fieldPath=".friendlyName",message="set friendlyName or friendlyNamePrefix, exactly one of the two"
// +kubebuilder:validation:XValidation:rule="has(self.friendlyName) == has(oldSelf.friendlyName) && (!has(self.friendlyName) || self.friendlyName == oldSelf.friendlyName)",fieldPath=".friendlyName",message="friendlyName is immutable: another room is another Conference"
// +kubebuilder:validation:XValidation:rule="has(self.friendlyNamePrefix) == has(oldSelf.friendlyNamePrefix) && (!has(self.friendlyNamePrefix) || self.friendlyNamePrefix == oldSelf.friendlyNamePrefix)",fieldPath=".friendlyNamePrefix",message="friendlyNamePrefix is immutable: other rooms are another Conference"
// +kubebuilder:validation:XValidation:rule="!has(self.friendlyNamePrefix) || (!has(self.announcement) && !has(self.end))",fieldPath=".friendlyNamePrefix",message="announcement and end need friendlyName: with a prefix they would reach rooms that are named nowhere"
// +kubebuilder:validation:XValidation:rule="!has(self.roles) || self.roles.all(r, self.roles.exists_one(other, other.name == r.name))",fieldPath=".roles",message="two roles have the same name: rename one of them"
// +kubebuilder:validation:XValidation:rule="!has(self.roles) || self.roles.all(r, has(r.match) || r.name == self.roles[self.roles.size() - 1].name)",fieldPath=".roles",message="only the last role may be without match: add a match, or move it to the end"
// +kubebuilder:validation:XValidation:rule="!has(self.roles) || self.roles.all(r, !has(r.coachRole) || self.roles.exists(other, other.name == r.coachRole && has(other.match)))",fieldPath=".roles",message="coachRole must name a role of this Conference that has a match"
// +kubebuilder:validation:XValidation:rule="!has(self.roles) || self.roles.all(r, !has(r.coachRole) || self.roles.all(other, other.name != r.coachRole || other.name == r.name || !has(other.coachRole)))",fieldPath=".roles",message="coachRole names a role that coaches itself: coaching does not go in a chain"
// +kubebuilder:validation:XValidation:rule="!has(self.waitForRole) || (has(self.roles) && self.roles.exists(r, r.name == self.waitForRole.role && has(r.match)))",fieldPath=".waitForRole.role",message="waitForRole.role must name a role of this Conference that has a match"
// +kubebuilder:validation:XValidation:rule="!has(self.endWhenRoleLeaves) || (has(self.roles) && self.roles.exists(r, r.name == self.endWhenRoleLeaves.role && has(r.match)))",fieldPath=".endWhenRoleLeaves.role",message="endWhenRoleLeaves.role must name a role of this Conference that has a match"
type ConferenceSpec struct {
	// accountRef names the VoiceAccount in this namespace through which the room is
	// reached, such as {name: acme}. Immutable.
	//
	// +required
	// +kubebuilder:validation:XValidation:rule="self == oldSelf",message="accountRef is immutable: a room of another account is another Conference"
	AccountRef LocalReference `json:"accountRef,omitzero"`

	// friendlyName is the name of the room as in the document that dials it,
	// <Dial><Conference>all-hands</Conference>, compared byte by byte. Exactly one of
	// friendlyName and friendlyNamePrefix is set. Immutable.
	//
	// +optional
	// +kubebuilder:validation:MinLength=1
	FriendlyName RoomName `json:"friendlyName,omitempty"`

	// friendlyNamePrefix governs every room with a name that begins so, each for
	// itself, such as case- for case-4711 and case-4712. At least 3 characters.
	// A Conference with the whole name of a room goes before it, and so does one with a
	// longer prefix. Immutable.
	//
	// +optional
	// +kubebuilder:validation:MinLength=3
	FriendlyNamePrefix RoomName `json:"friendlyNamePrefix,omitempty"`

	// roles are tried in order: a call leg has the first role that matches it. One
	// that no role matches is left alone. At most 16; none: the room is only looked at.
	//
	// +optional
	// +listType=atomic
	// +kubebuilder:validation:MaxItems=16
	Roles []Role `json:"roles,omitempty"`

	// waitForRole puts everybody else on hold until a call leg of a role is there: a
	// waiting room. startConferenceOnEnter="false" in the caller's document does the
	// same without a race, where it can be used.
	//
	// +optional
	WaitForRole *WaitForRole `json:"waitForRole,omitempty"`

	// identifyWithinSeconds is how long it may be unknown which role a call leg that
	// joins has, before it gets what its possible roles close: their muted: true and
	// hold: true, until it is known. Default 2.
	//
	// +optional
	// +kubebuilder:default=2
	// +kubebuilder:validation:Minimum=0
	// +kubebuilder:validation:Maximum=30
	IdentifyWithinSeconds *int32 `json:"identifyWithinSeconds,omitempty"`

	// announcement is played to everybody in the rooms in progress, once for each
	// id. It needs friendlyName.
	//
	// +optional
	Announcement *Announcement `json:"announcement,omitempty"`

	// end hangs up everybody in the rooms in progress, once for each id. It needs
	// friendlyName.
	//
	// +optional
	End *RoomEnd `json:"end,omitempty"`

	// endWhenRoleLeaves ends a room after the last call leg of a role was seen to
	// leave it: everybody in it is hung up.
	//
	// +optional
	EndWhenRoleLeaves *EndWhenRoleLeaves `json:"endWhenRoleLeaves,omitempty"`

	// mode is Enforce (default), or Observe, which only looks and reports in the
	// condition Drifted what would differ.
	//
	// +optional
	// +kubebuilder:default=Enforce
	Mode Mode `json:"mode,omitempty"`

	// suspend stops every request for this room and its participants while it is
	// true. The Conference goes on governing its name, so that no other takes it.
	//
	// +optional
	Suspend bool `json:"suspend,omitempty"`

	// participantTTLSeconds is how long the ConferenceParticipants of this
	// Conference are kept after their call has ended. Default 180, at least 120.
	//
	// +optional
	// +kubebuilder:default=180
	// +kubebuilder:validation:Minimum=120
	// +kubebuilder:validation:Maximum=604800
	ParticipantTTLSeconds *int32 `json:"participantTTLSeconds,omitempty"`

	// report is Participants, the default with friendlyName, which shows a sample of
	// 50 call legs in the status, or Summary, the default with a prefix.
	//
	// +optional
	Report Report `json:"report,omitempty"`
}

// Conference declares by the name of a room which roles the call legs in it have,
// and what holds for each: before anybody calls, and each time the room is in
// progress.
//
// +kubebuilder:object:root=true
// +kubebuilder:subresource:status
// +kubebuilder:validation:XValidation:rule="self.metadata.name.size() <= 63",fieldPath=".metadata",message="the name of a Conference has at most 63 characters, since it is the value of a label: choose a shorter one"
// +kubebuilder:resource:shortName=conf,categories=voice
// +kubebuilder:selectablefield:JSONPath=`.spec.friendlyName`
// +kubebuilder:selectablefield:JSONPath=`.spec.accountRef.name`
// +kubebuilder:printcolumn:name="Room",type=string,JSONPath=`.status.roomState`
// +kubebuilder:printcolumn:name="People",type=integer,JSONPath=`.status.counts.participants`
// +kubebuilder:printcolumn:name="Muted",type=integer,JSONPath=`.status.counts.muted`
// +kubebuilder:printcolumn:name="Ready",type=string,JSONPath=`.status.conditions[?(@.type=="Ready")].status`
// +kubebuilder:printcolumn:name="Reason",type=string,JSONPath=`.status.conditions[?(@.type=="Ready")].reason`
// +kubebuilder:printcolumn:name="Age",type=date,JSONPath=`.metadata.creationTimestamp`
// +kubebuilder:printcolumn:name="Friendly Name",type=string,JSONPath=`.spec.friendlyName`,priority=1
// +kubebuilder:printcolumn:name="Prefix",type=string,JSONPath=`.spec.friendlyNamePrefix`,priority=1
// +kubebuilder:printcolumn:name="Unidentified",type=integer,JSONPath=`.status.counts.unidentified`,priority=1
type Conference struct {
	metav1.TypeMeta `json:",inline"`

	// metadata is the standard object metadata.
	//
	// +optional
	metav1.ObjectMeta `json:"metadata,omitzero"`

	// spec is what is declared of the room.
	//
	// +required
	Spec ConferenceSpec `json:"spec,omitzero"`

	// status is what was observed of the rooms of that name.
	//
	// +optional
	// +kubebuilder:default={"observedGeneration":-1}
	Status ConferenceStatus `json:"status,omitzero"`
}

// ConferenceList is a list of Conference.
//
// +kubebuilder:object:root=true
type ConferenceList struct {
	metav1.TypeMeta `json:",inline"`

	// metadata is the standard list metadata.
	metav1.ListMeta `json:"metadata,omitzero"`

	// items are the Conferences.
	Items []Conference `json:"items"`
}
