package v1alpha1

// RoleName is the name of a role: a DNS label such as host, since it is the value of
// a label of the ConferenceParticipants.
//
// +kubebuilder:validation:MinLength=1
// +kubebuilder:validation:MaxLength=63
// +kubebuilder:validation:XValidation:rule="self.matches('^[a-z0-9]([-a-z0-9]*[a-z0-9])?$')",message="must be a role's name such as host: lower-case letters, digits and '-', with a letter or digit at both ends"
type RoleName string

// PhoneNumber is a number in the form E.164, such as +15555550100, or a SIP address,
// such as sip:agents@pbx.example.com.
//
// +kubebuilder:validation:MinLength=2
// +kubebuilder:validation:MaxLength=64
// +kubebuilder:validation:XValidation:rule="self.matches('^([+][1-9][0-9]{1,14}|sips?:[!-~]+)$')",message="must be a number with '+' and country code and without spaces, such as +15555550100, or a SIP address such as sip:agents@pbx.example.com"
type PhoneNumber string

// CallDirection is the direction of a call, as the provider sees it.
//
// +kubebuilder:validation:Enum=Inbound;Outbound
type CallDirection string

const (
	// CallInbound is a call that has come in to one of our numbers.
	CallInbound CallDirection = "Inbound"
	// CallOutbound is a call that was made from one of our numbers.
	CallOutbound CallDirection = "Outbound"
)

// SecretKeySelector names a key of a Secret in the same namespace.
type SecretKeySelector struct {
	// name of the Secret, in the same namespace.
	//
	// +required
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=253
	// +kubebuilder:validation:XValidation:rule="self.matches('^[a-z0-9]([-a-z0-9.]*[a-z0-9])?$')",message="name must be an object's name: lower-case letters, digits, '-' and '.', with a letter or digit at both ends"
	Name string `json:"name,omitempty"`

	// key in the Secret's data, such as numbers.
	//
	// +required
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=253
	// +kubebuilder:validation:XValidation:rule="self.matches('^[-._a-zA-Z0-9]+$')",message="a Secret's keys consist of letters, digits, '-', '_' and '.'"
	Key string `json:"key,omitempty"`
}

// RoleTerm matches a call leg if all of its fields do. It has at least one field,
// for example {endConferenceOnExit: true} for a host, or {direction: Outbound,
// numbers: ["sip:agents@pbx.example.com"]} for agents that the room has called.
//
// +kubebuilder:validation:XValidation:rule="has(self.endConferenceOnExit) || has(self.direction) || has(self.numbers) || has(self.numbersSecretRef) || has(self.dialedNumbers)",message="a term needs at least one field: add endConferenceOnExit, direction, numbers, numbersSecretRef or dialedNumbers, or remove the term"
// +kubebuilder:validation:XValidation:rule="!has(self.dialedNumbers) || !has(self.direction) || self.direction != 'Outbound'",fieldPath=".direction",message="dialedNumbers match inbound calls alone, so this term matches nothing: remove direction, or match the called party with numbers"
type RoleTerm struct {
	// endConferenceOnExit is whether the room ends when the call leg leaves it, as
	// the document says that brought the call leg into the room: <Conference
	// endConferenceOnExit="true">. It is the best mark of a host: it costs no request,
	// and no caller can set it.
	//
	// +optional
	EndConferenceOnExit *bool `json:"endConferenceOnExit,omitempty"`

	// direction of the call: Inbound, to a number of ours, or Outbound, made by us. A
	// number that an outbound call was made to is proven by the answer; that of an
	// inbound caller is not.
	//
	// +optional
	Direction CallDirection `json:"direction,omitempty"`

	// numbers of the far party, any of them: the caller of an inbound call, the
	// called one of an outbound call. In the form E.164, such as +15555550100, or as
	// SIP addresses, at most 32. Prefer endConferenceOnExit or numbersSecretRef:
	// numbers are personal data, and that of an inbound caller can be forged.
	//
	// +optional
	// +listType=atomic
	// +kubebuilder:validation:MinItems=1
	// +kubebuilder:validation:MaxItems=32
	Numbers []PhoneNumber `json:"numbers,omitempty"`

	// numbersSecretRef names a key of a Secret in this namespace with numbers of
	// the far party as in numbers, one a line, at most 1,000. A change of it is noticed
	// within the resync interval of the account.
	//
	// +optional
	NumbersSecretRef *SecretKeySelector `json:"numbersSecretRef,omitempty"`

	// dialedNumbers are numbers of our own, any of which an inbound caller has
	// dialled, such as a line for hosts alone. No outbound call matches.
	//
	// +optional
	// +listType=atomic
	// +kubebuilder:validation:MinItems=1
	// +kubebuilder:validation:MaxItems=8
	DialedNumbers []PhoneNumber `json:"dialedNumbers,omitempty"`
}

// RoleAnnouncement is an audio document that is played once to each participant
// that joins in a role.
type RoleAnnouncement struct {
	// id of the announcement: 1 to 56 letters, digits, '-', '_' and '.'. A new id
	// plays to those that join from then on.
	//
	// +required
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=56
	// +kubebuilder:validation:XValidation:rule="self.matches('^[A-Za-z0-9._-]+$')",message="id must consist of letters, digits, '-', '_' and '.', such as welcome"
	ID string `json:"id,omitempty"`

	// url is what is played: an absolute http or https URL of a document with
	// playback verbs, fetched by the provider, never by the operator.
	//
	// +required
	URL DocumentURL `json:"url,omitempty"`

	// method is how the provider fetches url. Default POST.
	//
	// +optional
	Method HTTPMethod `json:"method,omitempty"`
}

// Role is what holds for the call legs that match it: which they are (match), and
// what is declared for each, with the fields of a ConferenceParticipant. A field that
// is left out is not managed. Examples: {name: host, match: [{endConferenceOnExit:
// true}], muted: false}, and after it {name: audience, muted: true} for everybody
// else.
//
// +kubebuilder:validation:XValidation:rule="!has(self.coachRole) || has(self.muted)",fieldPath=".muted",message="coachRole needs muted: add muted: false for a whisper, or muted: true to listen"
// +kubebuilder:validation:XValidation:rule="!has(self.coachRole) || !has(self.muteOnEntry)",fieldPath=".muteOnEntry",message="muteOnEntry and coachRole exclude each other: declare muted"
// +kubebuilder:validation:XValidation:rule="!has(self.muteOnEntry) || !has(self.muted)",fieldPath=".muteOnEntry",message="muted is declared, so muteOnEntry has nothing to do: remove one of them"
// +kubebuilder:validation:XValidation:rule="!has(self.coachRole) || self.coachRole != self.name",fieldPath=".coachRole",message="a role can't coach itself: name another role"
type Role struct {
	// name of the role, unique in the Conference: lower-case letters, digits and '-'.
	//
	// +required
	Name RoleName `json:"name,omitempty"`

	// match has the terms, any of which makes a call leg one of this role, if no
	// role before it matches. Only the last role may be without match: it is everybody
	// else's.
	//
	// +optional
	// +listType=atomic
	// +kubebuilder:validation:MinItems=1
	// +kubebuilder:validation:MaxItems=8
	Match []RoleTerm `json:"match,omitempty"`

	// AudioControls are muted, hold, holdURL and holdMethod.
	AudioControls `json:",inline"`

	// muteOnEntry mutes each call leg once, when it joins, in place of muted: one
	// that is unmuted later stays so.
	//
	// +optional
	// +kubebuilder:validation:Enum=true
	MuteOnEntry *bool `json:"muteOnEntry,omitempty"`

	// coachRole is another role, with a match, that is coached by this one: with
	// muted: false a whisper, which only the coached one hears, with muted: true the
	// coach only listens. Of several call legs of that role one is coached. Until one
	// is there, and when it has left, the coach is muted. Needs muted.
	//
	// +optional
	CoachRole RoleName `json:"coachRole,omitempty"`

	// beep is false or unset. With false no update plays a beep; unset, the provider
	// decides.
	//
	// +optional
	// +kubebuilder:validation:Enum=false
	Beep *bool `json:"beep,omitempty"`

	// announcement is played once to each call leg that joins in this role.
	//
	// +optional
	Announcement *RoleAnnouncement `json:"announcement,omitempty"`

	// driftPolicy says what is repaired after something else has changed it: Restrict,
	// the default here, repairs what closes (a mute, a hold) alone, so that a microphone
	// that its owner has closed is not opened again; Enforce repairs everything, Report
	// nothing.
	//
	// +optional
	// +kubebuilder:default=Restrict
	DriftPolicy DriftPolicy `json:"driftPolicy,omitempty"`
}

// WaitForRole puts everybody else on hold until a call leg of a role is there.
type WaitForRole struct {
	// role that is waited for.
	//
	// +required
	Role RoleName `json:"role,omitempty"`

	// holdURL is what those hear that wait: an absolute http or https URL. Unset: the
	// provider's default music.
	//
	// +optional
	HoldURL DocumentURL `json:"holdURL,omitempty"`

	// holdMethod is how the provider fetches holdURL. Default POST.
	//
	// +optional
	HoldMethod HTTPMethod `json:"holdMethod,omitempty"`

	// graceSeconds is how long after the last call leg of the role has left the
	// others are put on hold again. Unset: never.
	//
	// +optional
	// +kubebuilder:validation:Minimum=10
	// +kubebuilder:validation:Maximum=86400
	GraceSeconds *int32 `json:"graceSeconds,omitempty"`
}
