// Command bench measures the operator as it is shipped: kube-apiserver and etcd,
// the simulated provider and the manager run as processes of their own on this
// machine. It also measures the floor, a bare loop that sends what the operator
// has to send and nothing else, so that its rates can be given as ratios which
// hold on other machines.
//
// docs/benchmarks.md explains the cases. A small run of each is part of the
// tests and checks what is not a timing.
package main
