// Package v1alpha1 is the API of the conference operator: VoiceAccount, the
// access to one account at a voice provider, ConferenceParticipant, the declared
// state of one call leg in one conference, and Conference, which declares the
// same of all call legs in a room, by the room's name.
//
// +kubebuilder:object:generate=true
// +kubebuilder:ac:generate=true
// +groupName=conference.voiceops.dev
package v1alpha1

import (
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
)

// GroupVersion is the group and version of every type in this package.
var GroupVersion = schema.GroupVersion{Group: "conference.voiceops.dev", Version: "v1alpha1"}

// SchemeGroupVersion is GroupVersion under the name that the generated apply
// configurations refer to.
var SchemeGroupVersion = GroupVersion

// AddToScheme registers the types of this package with a scheme.
func AddToScheme(scheme *runtime.Scheme) error {
	scheme.AddKnownTypes(GroupVersion,
		&VoiceAccount{}, &VoiceAccountList{},
		&ConferenceParticipant{}, &ConferenceParticipantList{},
		&Conference{}, &ConferenceList{},
	)
	metav1.AddToGroupVersion(scheme, GroupVersion)
	return nil
}
