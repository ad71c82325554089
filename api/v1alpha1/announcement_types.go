package v1alpha1

import (
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// UnknownPolicy says what follows a request to play an announcement that ended
// without a known outcome.
//
// +kubebuilder:validation:Enum=Skip;Retry
type UnknownPolicy string

const (
	// UnknownSkip plays it at most once: it may not have been played.
	UnknownSkip UnknownPolicy = "Skip"
	// UnknownRetry plays it at least once: it may be played up to three times.
	UnknownRetry UnknownPolicy = "Retry"
)

// Announcement is an audio document to play to one participant.
type Announcement struct {
	// id of the announcement: 1 to 63 letters, digits, '-', '_' and '.'. A new id
	// plays. An id that this object had before does not play again, not even with
	// another url; the last 64 ids are remembered, so don't use old ones again.
	//
	// +required
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=63
	// +kubebuilder:validation:XValidation:rule="self.matches('^[A-Za-z0-9._-]+$')",message="id must consist of letters, digits, '-', '_' and '.', such as closing-in-5"
	ID string `json:"id,omitempty"`

	// url is what is played: an absolute http or https URL of a document with
	// playback verbs, fetched by the provider, never by the operator.
	//
	// +required
	URL DocumentURL `json:"url,omitempty"`

	// method is how the provider fetches url. Default POST, always sent.
	//
	// +optional
	Method HTTPMethod `json:"method,omitempty"`

	// notAfterTime is the time from which the announcement is no longer played.
	// It also guards against an object that is deleted and created again: to the
	// new object every id is new. Unset: no limit.
	//
	// +optional
	NotAfterTime *metav1.Time `json:"notAfterTime,omitempty"`

	// onUnknown says what follows a request without a known outcome, after a
	// time-out or a crash: Skip (default) never plays twice, Retry tries up to
	// three times within 30 seconds.
	//
	// +optional
	// +kubebuilder:default=Skip
	OnUnknown UnknownPolicy `json:"onUnknown,omitempty"`
}

// AnnouncementState is the progress of an announcement.
//
// +kubebuilder:validation:Enum=Pending;Claimed;Accepted;Rejected;Unknown;Expired
type AnnouncementState string

const (
	// AnnouncementPending waits to be played.
	AnnouncementPending AnnouncementState = "Pending"
	// AnnouncementClaimed is stored before the request is sent.
	AnnouncementClaimed AnnouncementState = "Claimed"
	// AnnouncementAccepted was accepted by the provider, which does not report
	// whether it was played.
	AnnouncementAccepted AnnouncementState = "Accepted"
	// AnnouncementRejected was refused by the provider.
	AnnouncementRejected AnnouncementState = "Rejected"
	// AnnouncementUnknown may have been played or not.
	AnnouncementUnknown AnnouncementState = "Unknown"
	// AnnouncementExpired was not played before its notAfterTime.
	AnnouncementExpired AnnouncementState = "Expired"
)

// AnnouncementStatus is what became of an announcement.
type AnnouncementStatus struct {
	// id of the announcement.
	//
	// +required
	// +kubebuilder:validation:MaxLength=63
	ID string `json:"id,omitempty"`

	// state is Pending until the request is about to be sent, Claimed while its
	// outcome is open, and then Accepted, Rejected, Unknown or Expired for good.
	//
	// +required
	State AnnouncementState `json:"state,omitempty"`

	// attempts is the number of requests that were claimed.
	//
	// +optional
	Attempts int32 `json:"attempts,omitempty"`

	// claimTime is when the first request was claimed.
	//
	// +optional
	ClaimTime *metav1.MicroTime `json:"claimTime,omitempty"`

	// finishTime is when the state became final.
	//
	// +optional
	FinishTime *metav1.Time `json:"finishTime,omitempty"`

	// message says why the provider refused the announcement.
	//
	// +optional
	// +kubebuilder:validation:MaxLength=1024
	Message string `json:"message,omitempty"`

	// inputsDigest is a hash of the announcement that was last in the spec. It
	// shows when an announcement changes and keeps an id that is done with.
	//
	// +optional
	// +kubebuilder:validation:MaxLength=64
	InputsDigest string `json:"inputsDigest,omitempty"`
}

// InitialState is a participant as it was before the first update.
type InitialState struct {
	// muted as first observed.
	// +optional
	Muted bool `json:"muted"`
	// hold as first observed.
	// +optional
	Hold bool `json:"hold"`
	// coaching as first observed.
	// +optional
	Coaching bool `json:"coaching"`
}
