package main

import (
	"bytes"
	"net/url"
	"strings"
	"testing"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/yaml"

	"github.com/voiceops/conference-operator/api/v1alpha1"
)

func TestRenderIsWhatKubectlPrints(t *testing.T) {
	got := render(metav1.Table{
		ColumnDefinitions: []metav1.TableColumnDefinition{{Name: "Name"}, {Name: "Muted"}, {Name: "Conference", Priority: 1}},
		Rows:              []metav1.TableRow{{Cells: []any{"agent", true, "0d6a"}}, {Cells: []any{"customer", nil, "0d6a"}}},
	})
	if want := "NAME       MUTED\nagent      true\ncustomer   \n"; got != want {
		t.Errorf("got\n%q, want\n%q", got, want)
	}
}

func TestAnExchangeOnOneLine(t *testing.T) {
	sent := exchange{CallSID: "9b1f6a52-7d1e", Status: 200, Form: url.Values{"Muted": {"true"}, "Hold": {"false"}}}
	if got := sent.String(); got != "POST …/Participants/9b1f6a52…  Hold=false Muted=true  → 200" {
		t.Error(got)
	}
}

func TestManifestsSayWhatTheAPIKnows(t *testing.T) {
	d := &demo{
		environment: &environment{provider: &provider{apiURL: "http://127.0.0.1:1/api/laml", token: "PT"}},
		calls:       map[string]string{"agent": "a", "listener": "l", "customer": "c", "trainer": "t", "supervisor": "s"},
	}
	for name, into := range map[string]any{
		"account": &v1alpha1.VoiceAccount{}, "all-hands": &v1alpha1.Conference{}, "listener": &v1alpha1.ConferenceParticipant{},
		"customer": &v1alpha1.ConferenceParticipant{}, "customer-resumed": &v1alpha1.ConferenceParticipant{},
		"trainer": &v1alpha1.ConferenceParticipant{}, "supervisor": &v1alpha1.ConferenceParticipant{},
	} {
		text, err := d.manifest(name)
		if err == nil {
			err = yaml.UnmarshalStrict([]byte(text), into)
		}
		if err != nil || strings.Contains(text, "no value") {
			t.Errorf("%s: %v\n%s", name, err, text)
		}
	}
	if _, err := d.manifest("nobody"); err == nil {
		t.Error("an unknown manifest is no error")
	}
}

func TestKindsAreToldApartAsByKubectl(t *testing.T) {
	table := metav1.Table{
		ColumnDefinitions: []metav1.TableColumnDefinition{{Name: "Name"}, {Name: "Room"}},
		Rows:              []metav1.TableRow{{Cells: []any{"all-hands", "Live"}}},
	}
	prefixNames(&table, conferences)
	if got := render(table); !strings.Contains(got, "conference.conference.voiceops.dev/all-hands   Live\n") {
		t.Error(got)
	}
}

func TestABlankLineInABlockIsBlank(t *testing.T) {
	var out bytes.Buffer
	newTerminal(&out).block("two:", "a\n\nb\n")
	if out.String() != "  two:\n    a\n\n    b\n" {
		t.Errorf("%q", out.String())
	}
}

func TestATerminalPaintsOnlyForPeople(t *testing.T) {
	var out bytes.Buffer
	newTerminal(&out).heading("title")
	if out.String() != "\ntitle\n" {
		t.Errorf("%q", out.String())
	}
}
