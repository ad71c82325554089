// Package testkit is what tests of several packages share: builders of objects,
// the invariants that every status keeps, and a control plane of their own with
// the CRDs of this repository installed. Nothing outside of tests and the demo
// imports it.
package testkit
