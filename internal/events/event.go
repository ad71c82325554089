package events

import (
	"fmt"
	"strings"
	"time"

	corev1 "k8s.io/api/core/v1"
	eventsv1 "k8s.io/api/events/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// maxNameLength is how much of an object's name the name of an event begins
// with, in bytes: the suffix that makes it unique has to fit into 253.
const maxNameLength = 200

// maxNoteLength is how much the API server takes of a note, in bytes.
const maxNoteLength = 1024

// event is what is kept of an event until it is written; an eventsv1.Event takes
// several times the memory, and thousands may wait.
type event struct {
	regarding                       corev1.ObjectReference
	time                            time.Time
	eventType, reason, action, note string
}

func (e *event) warning() bool { return e.eventType == corev1.EventTypeWarning }

// object is the event as the API server takes it.
func (e *event) object(controller, instance string) *eventsv1.Event {
	return &eventsv1.Event{
		ObjectMeta: metav1.ObjectMeta{
			Namespace: e.regarding.Namespace,
			Name:      fmt.Sprintf("%s.%x", e.regarding.Name[:min(len(e.regarding.Name), maxNameLength)], e.time.UnixNano()),
		},
		EventTime: metav1.NewMicroTime(e.time), ReportingController: controller, ReportingInstance: instance,
		Type: e.eventType, Reason: e.reason, Action: e.action, Note: shorten(e.note), Regarding: e.regarding,
	}
}

// shorten cuts a note to what the API server takes, between two characters.
func shorten(note string) string {
	if len(note) <= maxNoteLength {
		return note
	}
	return strings.ToValidUTF8(note[:maxNoteLength-len("…")], "") + "…"
}

// logValues are the keys and values with which client-go logs an event.
func (e *event) logValues() []any {
	return []any{
		"object", e.regarding.Namespace + "/" + e.regarding.Name, "kind", e.regarding.Kind, "apiVersion", e.regarding.APIVersion,
		"type", e.eventType, "reason", e.reason, "action", e.action, "note", e.note,
	}
}
