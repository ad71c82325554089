// Package testkit has what tests of several packages share: builders of objects,
// a check of the invariants of a status, processes to start and stop, and a local
// control plane (kube-apiserver and etcd) with the CRDs of this repository
// installed. Only tests and the demo import it.
package testkit
