package sim

import (
	"cmp"
	"slices"
	"sync"

	"k8s.io/apimachinery/pkg/fields"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/voiceops/conference-operator/api/v1alpha1"
)

// cache has all participants as they are stored, by the indexes of the operator. The
// fake client decodes every object for each list, which a room of a hundred can't afford.
type cache struct {
	mu      sync.Mutex
	objects map[client.ObjectKey]*Object
	indexes map[string]client.IndexerFunc
}

// take takes note of a write.
func (c *cache) take(old, updated client.Object) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if was, ok := old.(*Object); ok && updated == nil {
		delete(c.objects, client.ObjectKeyFromObject(was))
	}
	if is, ok := updated.(*Object); ok {
		c.objects[client.ObjectKeyFromObject(is)] = is.DeepCopy()
	}
}

// list returns the participants that options select, in the order of their names.
func (c *cache) list(options ...client.ListOption) (found []Object) {
	selected := client.ListOptions{}
	selected.ApplyOptions(options)
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, object := range c.objects {
		if c.selects(selected, object) {
			found = append(found, *object.DeepCopy())
		}
	}
	slices.SortFunc(found, func(a, b Object) int {
		return cmp.Or(cmp.Compare(a.Namespace, b.Namespace), cmp.Compare(a.Name, b.Name))
	})
	return found
}

// selects reports whether options select a participant.
func (c *cache) selects(options client.ListOptions, object *Object) bool {
	if options.Namespace != "" && options.Namespace != object.Namespace {
		return false
	}
	var wanted fields.Requirements
	if options.FieldSelector != nil {
		wanted = options.FieldSelector.Requirements()
	}
	return !slices.ContainsFunc(wanted, func(r fields.Requirement) bool {
		return !slices.Contains(c.indexes[r.Field](object), r.Value)
	})
}

// listCached fills a list from the cache; done is false for what the cache has not, or
// where labels select.
func (s *Sim) listCached(list client.ObjectList, options ...client.ListOption) (done bool) {
	participants, ok := list.(*v1alpha1.ConferenceParticipantList)
	selected := client.ListOptions{}
	selected.ApplyOptions(options)
	if !ok || selected.LabelSelector != nil {
		return false
	}
	participants.Items = s.cached.list(options...)
	return true
}
