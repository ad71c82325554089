package conference

import (
	"context"
	"errors"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/types"

	"github.com/voiceops/conference-operator/api/v1alpha1"
	"github.com/voiceops/conference-operator/internal/controller/index"
)

// retryTaken is the wait after the name of a child was found taken.
const retryTaken = 10 * time.Second

// errTaken says that an object which is no child of the Conference has the name of one.
var errTaken = errors.New("an object of another origin has the name")

// vacant returns an error if a child can't be made because an object has its name: the
// child of a Conference before goes by itself, and any other object is left alone.
func (w childWriter) vacant(ctx context.Context, s *scope, name string) error {
	object := &v1alpha1.ConferenceParticipant{}
	err := w.client.Get(ctx, types.NamespacedName{Namespace: s.object.Namespace, Name: name}, object)
	owner := index.ConferenceOf(object)
	switch {
	case apierrors.IsNotFound(err):
		return nil
	case err != nil:
		return err
	case owner == nil || owner.Name != s.object.Name:
		return errTaken
	case owner.UID != s.object.UID:
		resource := v1alpha1.GroupVersion.WithResource("conferenceparticipants").GroupResource()
		return apierrors.NewConflict(resource, name, errors.New("it is the child of a Conference that is gone"))
	default:
		return nil
	}
}
