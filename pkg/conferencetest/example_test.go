package conferencetest_test

import (
	"context"
	"fmt"

	"k8s.io/apimachinery/pkg/runtime"
	clientgoscheme "k8s.io/client-go/kubernetes/scheme"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/envtest"

	"github.com/voiceops/conference-operator/api/v1alpha1"
	"github.com/voiceops/conference-operator/pkg/conferencetest"
	"github.com/voiceops/conference-operator/pkg/voicesim"
)

// A suite of a program that creates participants. Errors are left out; the directory
// examples/envtest has a whole suite.
func Example() {
	scheme := runtime.NewScheme()
	_, _ = clientgoscheme.AddToScheme(scheme), v1alpha1.AddToScheme(scheme)
	ctx := context.Background()
	environment := &envtest.Environment{CRDs: conferencetest.CRDs()}
	config, _ := environment.Start()
	provider := conferencetest.StartProvider(voicesim.Settings{})
	operator, _ := conferencetest.StartOperator(config, provider.URL)
	admin, _ := client.New(config, client.Options{Scheme: scheme})
	for _, object := range provider.Account("default", "acme") { // a VoiceAccount and its Secret
		_ = admin.Create(ctx, object)
	}
	conference, call := provider.JoinRoom(provider.AccountSID, "support", voicesim.JoinOptions{})
	run(ctx, admin, conference, call) // the program under test: it mutes the call
	caller, _ := provider.Participant(conference, call)

	fmt.Println(caller.Muted)
	_ = operator.Stop()
	provider.Stop()
	_ = environment.Stop()
}

// run stands for the program under test.
func run(context.Context, client.Client, string, string) {}
