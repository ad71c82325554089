// Package sim is the whole operator in virtual time: the real controllers and the
// real client, a simulated provider, a fake Kubernetes API, and workqueues with a
// clock that tests move. Nothing in it waits, so hours of a conference pass in
// milliseconds, and runs are alike but for the operator's jitter of polls and
// back-off. README.md has an annotated test.
//
// It sees what production does in:
//
//   - priorities: the queues order keys by priority and keep it over a requeue, as
//     controller-runtime's priority queue does, and what is there when a process
//     starts has low priority;
//   - watch events: each write, the operator's own included, is delivered with the
//     old and the new object through the controllers' own predicates and mappings;
//   - defaults: objects have those of their CustomResourceDefinitions, set by the
//     API server's own code;
//   - generations: a changed spec and a deletion make a new one;
//   - limits: the rate limit of an account, and requests in flight (Concurrency);
//   - crashes: each request that leaves the process is a Boundary, at which a test
//     may end the process or let a second one overtake it.
//
// It can't see:
//
//   - two reconciles of one controller at the same time: each has one worker, so
//     requests of one process don't overlap, and nothing contends for a seat but
//     those that are kept for requests to come;
//   - an informer that lags behind or merges events: the cache has each write at
//     once, and each write is one event. FreezeCache and Intercept help out for one
//     object; a resync is EnqueueParticipant;
//   - what is left out of the cache (operator.Slim), the selectors of shards and
//     namespaces, leader election, the manager's set-up: test/e2e and test/bench
//     have them;
//   - validation: no rule of a CustomResourceDefinition is checked, nor is RBAC;
//   - the order of keys that become ready in the same instant with the same
//     priority, which is by name here and by arrival in production;
//   - optimistic locking beyond what the fake client does, conflicts of server-side
//     apply, which is that of one field manager here, and whatever else
//     controller-runtime's fake client leaves out.
package sim
