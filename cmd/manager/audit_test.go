package main

import (
	"bytes"
	"encoding/json"
	"io"
	"testing"
)

func TestTheAuditLogLosesNoLine(t *testing.T) {
	for _, flags := range [][]string{nil, {"--zap-log-level=error"}, {"--zap-log-level=debug"}, {"--zap-log-level=5"}} {
		s, err := parse(flags, io.Discard)
		if err != nil {
			t.Fatal(err)
		}
		var out bytes.Buffer
		log := auditLogger(s.log, &out)
		for range 1000 {
			log.Info("the same words", "cause", "spec")
		}
		lines := bytes.Split(bytes.TrimSpace(out.Bytes()), []byte("\n"))
		if len(lines) != 1000 {
			t.Errorf("%q: %d lines of 1000", flags, len(lines))
		}
		var line struct{ Level, Logger, Cause, TS string }
		if err := json.Unmarshal(lines[0], &line); err != nil || line.Level != "info" || line.Logger != "audit" || line.Cause != "spec" || line.TS == "" {
			t.Errorf("%q: %+v, %v in %s", flags, line, err, lines[0])
		}
	}
}
