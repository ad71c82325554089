package audit

import (
	"context"
	"slices"

	"github.com/go-logr/logr"

	"github.com/voiceops/conference-operator/internal/voice"
)

// message is that of each line.
const message = "Changed something at the provider, or tried to"

// Log writes the lines. The zero value writes none.
type Log struct {
	logger logr.Logger
}

// New returns a log that writes to a logger, at the level Info. A logger that samples
// would lose lines.
func New(logger logr.Logger) Log { return Log{logger: logger} }

// Observe writes the line of a request that changes something, once its outcome is known;
// it is a voice.Observer.
func (l Log) Observe(ctx context.Context, outcome voice.Outcome) {
	if !outcome.Operation.Changes() {
		return
	}
	var values []any
	if request, ok := ctx.Value(key{}).(*Request); ok {
		values = request.values()
	}
	l.logger.Info(message, append(values, valuesOf(outcome)...)...)
}

// values are those of a line that a controller knows; what is empty is left out.
func (r *Request) values() []any {
	object := &r.Object
	values := optional(
		"cause", string(r.cause()), "kind", object.Kind, "namespace", object.Namespace, "name", object.Name, "uid", object.UID,
		"conference", object.Conference, "role", object.Role, "account", r.Account, "conferenceSID", r.ConferenceSID,
		"callSID", r.CallSID, "id", r.ID,
	)
	return append(values, "generation", object.Generation, "changes", r.Changes)
}

// valuesOf are those of a line that the client knows.
func valuesOf(outcome voice.Outcome) []any {
	values := []any{"operation", string(outcome.Operation), "outcome", string(outcome.Class), "seconds", outcome.Took.Seconds()}
	if outcome.HTTPStatus != 0 {
		values = append(values, "httpStatus", outcome.HTTPStatus)
	}
	if outcome.Code != 0 {
		values = append(values, "code", outcome.Code)
	}
	return append(values, optional("why", string(outcome.Cause), "requestID", outcome.RequestID)...)
}

// optional are the pairs of keys and values of which the value is not empty.
func optional(pairs ...string) (values []any) {
	for pair := range slices.Chunk(pairs, 2) {
		if key, value := pair[0], pair[1]; value != "" {
			values = append(values, key, value)
		}
	}
	return values
}
