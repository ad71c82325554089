package v1alpha1

// SID identifies a conference or a call leg at the provider: a lower-case UUID.
//
// +kubebuilder:validation:MinLength=1
// +kubebuilder:validation:MaxLength=36
// +kubebuilder:validation:XValidation:rule="self.matches('^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$')",message="must be a lower-case UUID such as 9b1f6a52-7d1e-4c7e-b1c9-3f1f5b8a2c31, as the provider's API returns it"
type SID string

// HTTPMethod is how the provider fetches a document.
//
// +kubebuilder:validation:Enum=GET;POST
type HTTPMethod string

// The methods that the provider knows.
const (
	// MethodGet fetches with GET.
	MethodGet HTTPMethod = "GET"
	// MethodPost fetches with POST.
	MethodPost HTTPMethod = "POST"
)

// Mode says whether the operator updates the participant or only observes it.
//
// +kubebuilder:validation:Enum=Enforce;Observe
type Mode string

const (
	// ModeEnforce updates the participant until it is as declared.
	ModeEnforce Mode = "Enforce"
	// ModeObserve never updates and reports what differs.
	ModeObserve Mode = "Observe"
)

// DriftPolicy says which changes that something else made are repaired.
//
// +kubebuilder:validation:Enum=Enforce;Restrict;Report
type DriftPolicy string

const (
	// DriftEnforce repairs every managed field.
	DriftEnforce DriftPolicy = "Enforce"
	// DriftRestrict repairs only by muting, putting on hold and coaching, never
	// by undoing one of these.
	DriftRestrict DriftPolicy = "Restrict"
	// DriftReport repairs nothing.
	DriftReport DriftPolicy = "Report"
)

// DeletionPolicy says what happens to the participant when its object is deleted.
//
// +kubebuilder:validation:Enum=Retain;Reset;Remove
type DeletionPolicy string

const (
	// DeletionRetain leaves the participant as it is.
	DeletionRetain DeletionPolicy = "Retain"
	// DeletionReset undoes the mute, hold and coaching that the object brought
	// about.
	DeletionReset DeletionPolicy = "Reset"
	// DeletionRemove removes the participant from the conference.
	DeletionRemove DeletionPolicy = "Remove"
)

// CallState is what is known about the call leg.
//
// +kubebuilder:validation:Enum=Waiting;Live;Left
type CallState string

const (
	// CallWaiting means that the participant is not in the conference yet, or that
	// its call rings.
	CallWaiting CallState = "Waiting"
	// CallLive means that the participant is in the conference.
	CallLive CallState = "Live"
	// CallLeft means that the call has ended or left the conference.
	CallLeft CallState = "Left"
)

// LocalReference names an object in the namespace of the object that refers
// to it.
type LocalReference struct {
	// name of the object, in the same namespace.
	//
	// +required
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=253
	// +kubebuilder:validation:XValidation:rule="self.matches('^[a-z0-9]([-a-z0-9.]*[a-z0-9])?$')",message="name must be an object's name: lower-case letters, digits, '-' and '.', with a letter or digit at both ends"
	Name string `json:"name,omitempty"`
}

// DocumentURL is where the provider fetches a document: an absolute http or
// https URL of at most 2,048 characters, with everything but printable ASCII
// percent-encoded.
//
// +kubebuilder:validation:MinLength=1
// +kubebuilder:validation:MaxLength=2048
// +kubebuilder:validation:XValidation:rule="isURL(self) && url(self).getScheme() in ['http', 'https'] && size(url(self).getHostname()) > 0",message="must be an absolute http or https URL such as https://music.example.com/hold.xml"
// +kubebuilder:validation:XValidation:rule="self.matches('^([!-[]|[]-~])*$')",message="must not contain spaces, line breaks, backslashes or characters beyond ASCII: percent-encode them, a space is %20"
// +kubebuilder:validation:XValidation:rule="!isURL(self) || size(url(self).getPort()) == 0 || (size(url(self).getPort()) <= 5 && int(url(self).getPort()) >= 1 && int(url(self).getPort()) <= 65535)",message="the port must be between 1 and 65535: correct or remove it"
type DocumentURL string
