package sim

import (
	"errors"
	"sync/atomic"
)

// Failure is what becomes of the operator's process at a boundary.
type Failure int

const (
	// None lets the request through.
	None Failure = iota
	// CrashBefore ends the process before the request had any effect.
	CrashBefore
	// CrashAfter ends the process after the request had its effect and before the
	// process learned of it.
	CrashAfter
)

// Boundary is a request that leaves the operator's process.
type Boundary struct {
	// Provider says that it goes to the voice provider, else to Kubernetes.
	Provider bool
	// What is the method and the kind of object or the path, Name the object's.
	What, Name string
}

// errCrashed is what a process that has crashed gets for every request; what it
// does with the error has no effect.
var errCrashed = errors.New("the process has crashed")

// process is one process of the operator.
type process struct{ ended atomic.Bool }

// crashed reports whether the present process has crashed.
func (s *Sim) crashed() bool { return s.process.ended.Load() }

// cross carries out a request of a process, unless that crashes at its boundary.
func (s *Sim) cross(of *process, boundary Boundary, request func() error) error {
	if of.ended.Load() {
		return errCrashed
	}
	failure := None
	if s.AtBoundary != nil {
		s.unlocked(boundary, func() { failure = s.AtBoundary(boundary) })
	}
	if failure == CrashBefore {
		of.ended.Store(true)
		return errCrashed
	}
	err := request()
	if failure == CrashAfter {
		of.ended.Store(true)
		return errCrashed
	}
	if s.AfterBoundary != nil {
		s.unlocked(boundary, func() { s.AfterBoundary(boundary) })
	}
	return err
}

// unlocked calls a test's function while other requests may be sent.
func (s *Sim) unlocked(boundary Boundary, do func()) {
	if boundary.Provider {
		s.requestMu.Unlock()
		defer s.requestMu.Lock()
	}
	do()
}
