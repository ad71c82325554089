package doctor

import (
	"context"
	"fmt"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/meta"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/voiceops/conference-operator/api/v1alpha1"
	"github.com/voiceops/conference-operator/internal/cli/ask"
)

// Level is how bad a Finding is.
type Level string

const (
	// OK is as it should be.
	OK Level = "ok"
	// Warn keeps something from working that may not be wanted.
	Warn Level = "warn"
	// Fail keeps the operator from working.
	Fail Level = "FAIL"
)

// Finding is what one check has found.
type Finding struct {
	// Level is how bad it is.
	Level Level `json:"level"`
	// Message is a sentence without its end.
	Message string `json:"message"`
	// Type are commands that help.
	Type []string `json:"type,omitempty"`
}

// Doctor examines a cluster.
type Doctor struct {
	// Client reads objects, and creates access reviews, which store nothing.
	Client client.Client
	// Namespace is examined; empty for all of them.
	Namespace string
	// Operator is the user name of the operator, such as
	// system:serviceaccount:conference-operator-system:conference-operator.
	Operator string
	// Asker reaches the provider; nil if it is not to be asked.
	Asker *ask.Asker
}

// Examine makes all checks, in an order in which what is found first explains what comes
// later. A check for which the user has no right is a warning; the error is any other one
// of the API server.
func (d Doctor) Examine(ctx context.Context) (found []Finding, err error) {
	kinds, served, err := d.kinds()
	if err != nil || !served {
		return kinds, err
	}
	found = append(found, kinds...)
	for _, check := range []func(context.Context) ([]Finding, error){d.own, d.operator, d.accounts, d.objects} {
		more, err := check(ctx)
		if apierrors.IsForbidden(err) {
			more, err = []Finding{{Level: Warn, Message: fmt.Sprintf("not examined: %v", err)}}, nil
		}
		if err != nil {
			return found, err
		}
		found = append(found, more...)
	}
	return found, nil
}

// Failed reports whether any of the findings is a failure.
func Failed(found []Finding) bool {
	for _, f := range found {
		if f.Level == Fail {
			return true
		}
	}
	return false
}

// kinds says which kinds the API server serves.
func (d Doctor) kinds() (found []Finding, served bool, err error) {
	served = true
	for _, kind := range []string{"VoiceAccount", "ConferenceParticipant", "Conference"} {
		_, err := d.Client.RESTMapper().RESTMapping(schema.GroupKind{Group: v1alpha1.GroupVersion.Group, Kind: kind}, v1alpha1.GroupVersion.Version)
		switch {
		case meta.IsNoMatchError(err):
			served = false
			found = append(found, Finding{Fail, fmt.Sprintf("the API server does not serve the kind %s: its CRD is not installed", kind),
				[]string{"kubectl get crd -o name | grep voiceops.dev"}})
		case err != nil:
			return found, false, fmt.Errorf("reach the API server: %w", err)
		}
	}
	if served {
		found = append(found, Finding{Level: OK, Message: "the API server serves VoiceAccount, ConferenceParticipant and Conference, " + v1alpha1.GroupVersion.String()})
	}
	return found, served, nil
}
