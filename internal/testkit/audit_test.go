package testkit

import (
	"slices"
	"testing"
)

func TestParseAudit(t *testing.T) {
	const (
		begun = `{"auditID":"1","stage":"ResponseStarted","verb":"watch","requestURI":"/w","user":{"username":"operator"},` +
			`"objectRef":{"apiGroup":"g","resource":"things","namespace":"a","name":"b","subresource":"status"},"responseStatus":{"code":200}}`
		ended  = `{"auditID":"1","stage":"ResponseComplete","verb":"watch","requestURI":"/w","user":{"username":"operator"},"responseStatus":{"code":500}}`
		health = `{"auditID":"2","stage":"ResponseComplete","verb":"get","requestURI":"/healthz","user":{"username":"admin"},"responseStatus":{"code":403}}`
	)
	watch := AuditEvent{User: "operator", Verb: "watch", Group: "g", Resource: "things", Namespace: "a", Name: "b", Subresource: "status", URI: "/w", Code: 200}
	over := AuditEvent{User: "operator", Verb: "watch", URI: "/w", Code: 500}
	refused := AuditEvent{User: "admin", Verb: "get", URI: "/healthz", Code: 403}
	for name, test := range map[string]struct {
		log  string
		want []AuditEvent
	}{
		"nothing yet":             {"", nil},
		"a watch goes on":         {begun + "\n", []AuditEvent{watch}},
		"a watch has ended":       {begun + "\n" + health + "\n" + ended + "\n", []AuditEvent{over, refused}},
		"a line is being written": {health + "\n" + begun[:20], []AuditEvent{refused}},
	} {
		t.Run(name, func(t *testing.T) {
			found, err := parseAudit([]byte(test.log))
			if err != nil || !slices.Equal(found, test.want) {
				t.Errorf("found %+v, %v, want %+v", found, err, test.want)
			}
		})
	}
	if _, err := parseAudit([]byte("{\n")); err == nil {
		t.Error("half an event is an event")
	}
	if watch.Forbidden() || !refused.Forbidden() {
		t.Error("403 alone is forbidden")
	}
}
