package testkit

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
)

// auditPolicy logs user, verb, object and response code of each request. Without
// the stage RequestReceived, every request but a watch is logged once. Health
// probes are left out: envtest sends them before RBAC is in place, and they would
// be logged as forbidden.
const auditPolicy = `apiVersion: audit.k8s.io/v1
kind: Policy
omitStages: [RequestReceived]
rules:
- {level: None, nonResourceURLs: [/healthz]}
- {level: Metadata}
`

// AuditEvent is one request to the API server.
type AuditEvent struct {
	// User is the name of the user that sent the request.
	User string
	// Verb is the verb of the request, as in RBAC: get, list, watch, patch.
	Verb string
	// Group is the API group of the resource; empty for the core group.
	Group string
	// Resource is the plural of the kind; empty for a path such as /healthz.
	Resource string
	// Subresource is the subresource that the request is about, for example status;
	// empty for the object itself.
	Subresource string
	// Namespace is the namespace of the object; empty for all namespaces, and for
	// objects without one.
	Namespace string
	// Name is the object's name; empty for lists, watches and creates.
	Name string
	// URI is the path and query of the request.
	URI string
	// Code is the HTTP status code of the response.
	Code int
}

// Forbidden reports whether RBAC refused the request.
func (e AuditEvent) Forbidden() bool { return e.Code == http.StatusForbidden }

// auditLine has the fields of a line of the audit log that AuditEvent needs.
type auditLine struct {
	AuditID    string `json:"auditID"`
	Verb       string `json:"verb"`
	RequestURI string `json:"requestURI"`
	User       struct {
		Username string `json:"username"`
	} `json:"user"`
	Object struct {
		Group       string `json:"apiGroup"`
		Resource    string `json:"resource"`
		Subresource string `json:"subresource"`
		Namespace   string `json:"namespace"`
		Name        string `json:"name"`
	} `json:"objectRef"`
	Response struct {
		Code int `json:"code"`
	} `json:"responseStatus"`
}

// Audit returns every request so far but health probes, in the order of the
// first response of each. A watch is listed as soon as it has begun.
func (c *ControlPlane) Audit() ([]AuditEvent, error) {
	log, err := os.ReadFile(c.auditLog())
	if err != nil {
		return nil, fmt.Errorf("reading the audit log: %w", err)
	}
	return parseAudit(log)
}

func (c *ControlPlane) auditLog() string { return filepath.Join(c.scratch, "audit.log") }

// parseAudit parses the complete lines of a log; an incomplete last line, which
// is still being written, is left out.
func parseAudit(log []byte) ([]AuditEvent, error) {
	var found []AuditEvent
	position := map[string]int{}
	for {
		line, rest, complete := bytes.Cut(log, []byte("\n"))
		if !complete {
			return found, nil
		}
		log = rest
		var parsed auditLine
		if err := json.Unmarshal(line, &parsed); err != nil {
			return nil, fmt.Errorf("parsing a line of the audit log: %w", err)
		}
		if at, again := position[parsed.AuditID]; again {
			found[at] = parsed.event()
			continue
		}
		position[parsed.AuditID] = len(found)
		found = append(found, parsed.event())
	}
}

func (l auditLine) event() AuditEvent {
	return AuditEvent{
		User: l.User.Username, Verb: l.Verb, Group: l.Object.Group, Resource: l.Object.Resource,
		Subresource: l.Object.Subresource, Namespace: l.Object.Namespace, Name: l.Object.Name,
		URI: l.RequestURI, Code: l.Response.Code,
	}
}
