package v1alpha1

import (
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// Provider names a voice provider.
//
// +kubebuilder:validation:Enum=SignalWire
type Provider string

const (
	// ProviderSignalWire is SignalWire's Compatibility API.
	ProviderSignalWire Provider = "SignalWire"
)

// DefaultTokenKey is the key of the token in its Secret when none is given.
const DefaultTokenKey = "token"

// VoiceAccountSpec says how an account is reached: its URL, its token, and the
// rate of requests.
type VoiceAccountSpec struct {
	// provider is the voice provider that serves the account. SignalWire is the
	// default and the only one for now.
	//
	// +optional
	// +kubebuilder:default=SignalWire
	Provider Provider `json:"provider,omitempty"`

	// baseURL is scheme and host of the account's space, for example
	// https://acme.signalwire.com; the path of the API is added. It must be
	// allowed by the operator's flag --allowed-base-urls. Immutable.
	//
	// +required
	// +kubebuilder:validation:MinLength=8
	// +kubebuilder:validation:MaxLength=2048
	// +kubebuilder:validation:XValidation:rule="self.matches('^https?://([A-Za-z0-9]([A-Za-z0-9_-]*[A-Za-z0-9])?([.][A-Za-z0-9]([A-Za-z0-9_-]*[A-Za-z0-9])?)*|[[][0-9A-Fa-f:.]+[]])(:[0-9]{1,5})?/?$')",message="baseURL is http or https and a host, with a port if need be, for example https://acme.signalwire.com: leave out user, path, query and fragment"
	// +kubebuilder:validation:XValidation:rule="isURL(self)",message="baseURL must be an absolute http or https URL, for example https://acme.signalwire.com"
	// +kubebuilder:validation:XValidation:rule="!isURL(self) || size(url(self).getPort()) == 0 || (size(url(self).getPort()) <= 5 && int(url(self).getPort()) >= 1 && int(url(self).getPort()) <= 65535)",message="the port of baseURL must be between 1 and 65535: correct or remove it"
	// +kubebuilder:validation:XValidation:rule="self == oldSelf",message="baseURL is immutable: another space is another VoiceAccount"
	BaseURL string `json:"baseURL,omitempty"`

	// accountSID is the project id: a lower-case UUID, used as the user name and
	// as {AccountSid} in every path. Immutable.
	//
	// +required
	AccountSID AccountSID `json:"accountSID,omitempty"`

	// tokenSecretRef names the Secret in this namespace that holds the API
	// token. The token needs the scope Voice.
	//
	// +required
	TokenSecretRef SecretKeyReference `json:"tokenSecretRef,omitzero"`

	// resyncIntervalSeconds is how often a conference with a live participant is
	// read. Default 30. With 0 nothing is polled: drift is not repaired, the end
	// of a call is not seen, and no object is deleted after it.
	//
	// +optional
	// +kubebuilder:default=30
	// +kubebuilder:validation:Minimum=0
	// +kubebuilder:validation:Maximum=86400
	ResyncIntervalSeconds *int32 `json:"resyncIntervalSeconds,omitempty"`

	// discoveryIntervalSeconds is how often the rooms of the account are listed, for
	// all of its Conferences together. Default 5. With 0 they are listed after edits
	// and the annotation conference.voiceops.dev/reconcile-requested-at alone.
	//
	// +optional
	// +kubebuilder:default=5
	// +kubebuilder:validation:Minimum=0
	// +kubebuilder:validation:Maximum=86400
	DiscoveryIntervalSeconds *int32 `json:"discoveryIntervalSeconds,omitempty"`

	// rateLimit bounds the updates that are sent for this account. The provider
	// allows 1,380 a second to a whole space, shared by all its users.
	//
	// +optional
	// +kubebuilder:default={}
	RateLimit RateLimit `json:"rateLimit,omitzero"`

	// ttlSecondsAfterFinished is how long participants of this account are kept
	// after they were finished, where they don't say so themselves. Then they are
	// deleted. Unset: never deleted.
	//
	// +optional
	// +kubebuilder:validation:Minimum=0
	TTLSecondsAfterFinished *int32 `json:"ttlSecondsAfterFinished,omitempty"`

	// suspend stops every request for this account while it is true, those for
	// its participants too.
	//
	// +optional
	Suspend bool `json:"suspend,omitempty"`
}

// AccountSID identifies an account at the provider: a lower-case UUID.
//
// +kubebuilder:validation:MinLength=1
// +kubebuilder:validation:MaxLength=36
// +kubebuilder:validation:XValidation:rule="self.matches('^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$')",message="must be a lower-case UUID such as 6f1c1f0e-6c0a-4d6e-9a55-2f6f3a0f1c11: the project id of the space"
// +kubebuilder:validation:XValidation:rule="self == oldSelf",message="accountSID is immutable: another project is another VoiceAccount"
type AccountSID string

// SecretKeyReference names a key of a Secret in the namespace of the object
// that refers to it.
type SecretKeyReference struct {
	// name of the Secret, in the same namespace.
	//
	// +required
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=253
	// +kubebuilder:validation:XValidation:rule="self.matches('^[a-z0-9]([-a-z0-9.]*[a-z0-9])?$')",message="name must be an object's name: lower-case letters, digits, '-' and '.', with a letter or digit at both ends"
	Name string `json:"name,omitempty"`

	// key in the Secret's data. Default "token".
	//
	// +optional
	// +kubebuilder:default=token
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=253
	// +kubebuilder:validation:XValidation:rule="self.matches('^[-._a-zA-Z0-9]+$')",message="a Secret's keys consist of letters, digits, '-', '_' and '.'"
	Key string `json:"key,omitempty"`
}

// RateLimit is a token bucket for updates.
type RateLimit struct {
	// requestsPerSecond is how many updates a second are sent in the long run.
	// Default 200.
	//
	// +optional
	// +kubebuilder:default=200
	// +kubebuilder:validation:Minimum=1
	// +kubebuilder:validation:Maximum=1380
	RequestsPerSecond int32 `json:"requestsPerSecond,omitempty"`

	// burst is how many updates may be sent at once after a pause. Default 400.
	//
	// +optional
	// +kubebuilder:default=400
	// +kubebuilder:validation:Minimum=1
	// +kubebuilder:validation:Maximum=13800
	Burst int32 `json:"burst,omitempty"`
}

// VoiceAccountStatus is what the operator knows about the account.
type VoiceAccountStatus struct {
	// observedGeneration is the generation of the spec that this status is
	// about; -1 until the operator has looked at the object.
	//
	// +optional
	ObservedGeneration int64 `json:"observedGeneration,omitempty"`

	// conditions of the account: Ready, and while they are true Reconciling,
	// Stalled and Suspended.
	//
	// +optional
	// +listType=map
	// +listMapKey=type
	// +kubebuilder:validation:MaxItems=8
	Conditions []metav1.Condition `json:"conditions,omitempty"`
}

// VoiceAccount is the access to one account at a voice provider.
//
// +kubebuilder:object:root=true
// +kubebuilder:subresource:status
// +kubebuilder:resource:shortName=va,categories=voice
// +kubebuilder:printcolumn:name="Ready",type=string,JSONPath=`.status.conditions[?(@.type=="Ready")].status`
// +kubebuilder:printcolumn:name="Reason",type=string,JSONPath=`.status.conditions[?(@.type=="Ready")].reason`
// +kubebuilder:printcolumn:name="Suspended",type=boolean,JSONPath=`.spec.suspend`,priority=1
// +kubebuilder:printcolumn:name="Base URL",type=string,JSONPath=`.spec.baseURL`,priority=1
// +kubebuilder:printcolumn:name="Account",type=string,JSONPath=`.spec.accountSID`,priority=1
// +kubebuilder:printcolumn:name="Age",type=date,JSONPath=`.metadata.creationTimestamp`
type VoiceAccount struct {
	metav1.TypeMeta `json:",inline"`

	// metadata is the standard object metadata.
	//
	// +optional
	metav1.ObjectMeta `json:"metadata,omitzero"`

	// spec is the declared access.
	//
	// +required
	Spec VoiceAccountSpec `json:"spec,omitzero"`

	// status is what the operator knows about the account.
	//
	// +optional
	// +kubebuilder:default={"observedGeneration":-1}
	Status VoiceAccountStatus `json:"status,omitzero"`
}

// VoiceAccountList is a list of VoiceAccount.
//
// +kubebuilder:object:root=true
type VoiceAccountList struct {
	metav1.TypeMeta `json:",inline"`

	// metadata is the standard list metadata.
	metav1.ListMeta `json:"metadata,omitzero"`

	// items are the accounts.
	Items []VoiceAccount `json:"items"`
}
