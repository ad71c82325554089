// Package gitops tests what Flux and Argo CD make of the objects of this operator, with the
// code of these tools: kstatus, and the health checks of config/argocd in a Lua
// interpreter. It is a module of its own, so that the product depends on neither.
//
// The objects are brought into each state that docs/reasons.md documents by the operator's
// controllers in virtual time (test/sim), and are then stored by a real API server, which
// they are read from.
package gitops
