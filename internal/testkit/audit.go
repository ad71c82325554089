package testkit

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
)

// auditPolicy logs who did what with which result. Without the stage in which
// a request was merely received, all but watches are logged once. The probes of
// envtest come before anybody may send them, and would look forbidden.
const auditPolicy = `apiVersion: audit.k8s.io/v1
kind: Policy
omitStages: [RequestReceived]
rules:
- {level: None, nonResourceURLs: [/healthz]}
- {level: Metadata}
`

// AuditEvent is one request to the API server.
type AuditEvent struct {
	// User is who sent the request.
	User string
	// Verb is what was asked for, as RBAC calls it: get, list, watch, patch.
	Verb string
	// Group is the API group of the resource; empty for the core group.
	Group string
	// Resource is the plural of the kind; empty for a path such as /healthz.
	Resource string
	// Subresource is the part of the object that the request is about, for
	// example status; empty for the object itself.
	Subresource string
	// Namespace is where the object is; empty for all namespaces.
	Namespace string
	// Name is the object's name; empty for lists, watches and creations.
	Name string
	// URI is the path and query of the request.
	URI string
	// Code is the HTTP status of the answer.
	Code int
}

// Forbidden says whether the request was refused for want of permission.
func (e AuditEvent) Forbidden() bool { return e.Code == http.StatusForbidden }

// auditLine is what we read of a line of the log.
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

// Audit returns every request so far but health probes, in the order in which they were answered
// first. A watch is there as soon as it has begun.
func (c *ControlPlane) Audit() ([]AuditEvent, error) {
	log, err := os.ReadFile(c.auditLog())
	if err != nil {
		return nil, fmt.Errorf("reading the audit log: %w", err)
	}
	return parseAudit(log)
}

func (c *ControlPlane) auditLog() string { return filepath.Join(c.scratch, "audit.log") }

// parseAudit reads the complete lines of a log that may still grow.
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
