// Package conferencetest runs the operator and a simulated provider in the test suites of
// programs that create ConferenceParticipants or Conferences. With envtest there is an API
// server; this package has the rest:
//
//	environment := &envtest.Environment{CRDs: conferencetest.CRDs()}
//	config, err := environment.Start()
//	provider := conferencetest.StartProvider(voicesim.Settings{})
//	operator, err := conferencetest.StartOperator(config, provider.URL)
//	for _, object := range provider.Account("default", "acme") {
//		err = client.Create(ctx, object)
//	}
//	conference, call := provider.JoinRoom(provider.AccountSID, "support", voicesim.JoinOptions{})
//
// From there on a suite creates objects and looks at their status, or at the provider:
// Participant says what a call leg is, Journal what the operator has sent. Stop what was
// started in reverse order. Nothing here needs a network, or listens on more than the
// loopback interface.
//
// Like the API that it serves, the package is alpha: a minor release may change it, and the
// change log says how.
package conferencetest
