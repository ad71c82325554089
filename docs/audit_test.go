package docs

import (
	"encoding/json"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/go-logr/logr/funcr"

	"github.com/voiceops/conference-operator/internal/audit"
	"github.com/voiceops/conference-operator/internal/voice"
)

func TestAuditCauses(t *testing.T) {
	var documented []string
	for _, row := range table(t, "audit.md", "Causes") {
		documented = append(documented, row["Cause"])
	}
	same(t, "causes of the audit log", documented, constants(t, "../internal/audit/request.go", "Cause"))
}

func TestAuditKeys(t *testing.T) {
	line := map[string]any{}
	log := audit.New(funcr.NewJSON(func(text string) {
		if err := json.Unmarshal([]byte(text), &line); err != nil {
			t.Error(err)
		}
	}, funcr.Options{}))
	log.Observe(audit.With(t.Context(), audit.Request{
		Object:  audit.Object{Kind: "k", Namespace: "n", Name: "n", UID: "u", Generation: 1, Conference: "c", Role: "r"},
		Account: "a", ConferenceSID: "c", CallSID: "c", ID: "i", Cause: audit.CauseSpec,
	}), voice.Outcome{Operation: voice.OpUpdateParticipant, HTTPStatus: 422, Code: 1, Cause: voice.CauseUnknown, RequestID: "r"})
	// What is the logger's own; that of the manager adds the time.
	for _, key := range []string{"level", "logger", "msg"} {
		delete(line, key)
	}
	documented := []string{}
	for _, row := range table(t, "audit.md", "What a line says") {
		documented = append(documented, strings.Split(row["Key"], ", ")...)
	}
	same(t, "keys of the audit log", documented, append(slices.Collect(maps.Keys(line)), "ts"))
}
