package index

import (
	"context"
	"fmt"

	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/voiceops/conference-operator/api/v1alpha1"
)

// selects is the index of the Conferences by what they select: the name of a room, or
// any prefix.
const (
	selects  = "selects"
	byPrefix = "prefix"
)

// AddConferences declares the index of the Conferences' cache; call it before the cache
// starts.
func AddConferences(ctx context.Context, indexer client.FieldIndexer) error {
	err := indexer.IndexField(ctx, &v1alpha1.Conference{}, selects, func(object client.Object) []string {
		spec := &object.(*v1alpha1.Conference).Spec
		if spec.FriendlyNamePrefix != "" {
			return []string{byPrefix}
		}
		return []string{byName(string(spec.FriendlyName))}
	})
	if err != nil {
		return fmt.Errorf("index Conferences by %s: %w", selects, err)
	}
	return nil
}

func byName(room string) string { return "name " + room }

// Selecting returns the Conferences that may select the rooms of a name: those of this
// very name, and all with a prefix. It does not copy: what it returns must not be changed.
func Selecting(ctx context.Context, reader client.Reader, room string) (all []v1alpha1.Conference, err error) {
	for _, value := range []string{byName(room), byPrefix} {
		found := &v1alpha1.ConferenceList{}
		if err := reader.List(ctx, found, client.MatchingFields{selects: value}, client.UnsafeDisableDeepCopy); err != nil {
			return nil, fmt.Errorf("list Conferences in the cache: %w", err)
		}
		all = append(all, found.Items...)
	}
	return all, nil
}
