package voice

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"
)

// forms are the ways in which the token could show; the first four are those
// which a provider is likely to repeat.
func forms() []string {
	credentials := account + ":" + canary
	quoted, _ := json.Marshal(canary)
	return []string{
		canary, url.QueryEscape(canary), url.PathEscape(canary), base64.StdEncoding.EncodeToString([]byte(credentials)),
		strings.Trim(string(quoted), `"`), fmt.Sprintf("%x", canary), "canary",
	}
}

func wantNoToken(t *testing.T, name, text string) {
	t.Helper()
	for _, form := range forms() {
		if strings.Contains(text, form) {
			t.Errorf("%s shows the token as %q: %s", name, form, text)
		}
	}
}

// printed is a value, printed in every way.
func printed(value any) map[string]string {
	texts := map[string]string{"Sprint": fmt.Sprint(value), "Sprintln": fmt.Sprintln(value)}
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%X", "%d"} {
		texts[verb] = fmt.Sprintf(verb, value)
	}
	marshalled, err := json.Marshal(value)
	texts["JSON"] = fmt.Sprint(string(marshalled), err)
	var log bytes.Buffer
	slog.New(slog.NewTextHandler(&log, nil)).Info("text", "value", value)
	slog.New(slog.NewJSONHandler(&log, nil)).Info("JSON", "value", value)
	texts["slog"] = log.String()
	return texts
}

func TestTheTokenNeverShows(t *testing.T) {
	config := Config{Dialect: SignalWire(), BaseURL: "https://acme.signalwire.com", AccountSID: account, Token: canary}
	client := newClient(t, config.BaseURL)
	type holder struct {
		client *Client
		Client *Client
	}
	for name, value := range map[string]any{
		"secret": Secret(canary), "config": config, "pointer to a config": &config, "client": client, "copy of a client": *client,
		"holder": holder{client, client}, "secrets": []Secret{canary}, "map": map[string]Secret{"a": canary},
		"wrapped": fmt.Errorf("token %v: %w", Secret(canary), &Error{Class: ClassGone}),
	} {
		for how, text := range printed(value) {
			wantNoToken(t, name+" by "+how, text)
		}
	}
	if config.Token != canary {
		t.Error("the token of the caller has changed")
	}
}

func TestASecretSaysThatItIsOne(t *testing.T) {
	secret := Secret(canary)
	text, err := secret.MarshalText()
	if err != nil || string(text) != redacted || secret.String() != redacted || secret.LogValue().String() != redacted {
		t.Errorf("got %q, %v, %q, %q", text, err, secret.String(), secret.LogValue())
	}
	if got := fmt.Sprintf("%s|%d|%#v", secret, secret, secret); got != "[redacted]|[redacted]|[redacted]" {
		t.Errorf("got %q", got)
	}
}

// A provider that repeats the credentials, wherever it likes, does not make
// them known.
func TestAnEchoOfTheTokenDoesNotShow(t *testing.T) {
	for _, form := range forms()[:4] {
		quoted, _ := json.Marshal(form)
		for name, handler := range map[string]http.HandlerFunc{
			"message":           reply(401, `{"code":20003,"message":"bad token `+string(quoted[1:])+`}`),
			"detail":            reply(403, `{"errors":[{"detail":`+string(quoted)+`}]}`),
			"list of errors":    reply(422, `{"errors":[`+string(quoted)+`]}`),
			"at the cut":        reply(400, `{"message":"`+strings.Repeat("x", 190)+string(quoted[1:])+`}`),
			"code":              reply(400, `{"code":`+string(quoted)+`}`),
			"HTML":              reply(500, "<html>"+form),
			"redirect":          reply(302, "", "Location", "http://[::1/"+form),
			"success":           reply(200, form),
			"field":             reply(200, participant(fields{"call_sid": form})),
			"status line":       speak("HTTP/1.1 " + form + "\r\n\r\n"),
			"header":            speak("HTTP/1.1 200 OK\r\n" + form + "\r\n\r\n"),
			"length":            speak("HTTP/1.1 200 OK\r\nContent-Length: " + form + "\r\n\r\n"),
			"transfer encoding": speak("HTTP/1.1 200 OK\r\nTransfer-Encoding: " + form + "\r\n\r\n"),
		} {
			failed := failure(t, update(t.Context(), serve(t, handler)))
			for how, text := range printed(failed) {
				wantNoToken(t, name+" by "+how, text)
			}
			for how, text := range printed(fmt.Errorf("apply: %w", failed)) {
				wantNoToken(t, name+", wrapped, by "+how, text)
			}
		}
	}
	failed := failure(t, update(t.Context(), serve(t, reply(401, `{"message":"bad `+canary+`"}`))))
	if failed.Message != "bad "+redacted {
		t.Errorf("got %q", failed.Message)
	}
}

// speak responds with a text that need not be HTTP.
func speak(words string) http.HandlerFunc {
	var requests atomic.Int32
	return hangUp(0, words, &requests)
}

// A request that never arrived has no token in its error, nor has it the query.
func TestErrorsOfTheNetworkTellNothing(t *testing.T) {
	address := listen(t, func(net.Conn) {})
	for _, scheme := range []string{"http", "https"} {
		client := newClient(t, scheme+"://"+address)
		err := drain(client.ConferencePages(t.Context(), ConferenceFilter{FriendlyName: "board-meeting"}))
		if text := failure(t, err).Error(); strings.Contains(text, "board-meeting") {
			t.Errorf("the query shows: %v", err)
		}
		wantNoToken(t, scheme, err.Error())
	}
}

func TestAnEmptyTokenRedactsNothing(t *testing.T) {
	client := serve(t, reply(401, `{"message":"no token"}`), func(c *Config) { c.Token = "" })
	if failed := failure(t, update(t.Context(), client)); failed.Message != "no token" {
		t.Errorf("got %q", failed.Message)
	}
}

// A provider that repeats a URL of a user does not make its secrets known.
func TestAnEchoOfAURLDoesNotShow(t *testing.T) {
	for _, echoed := range []string{
		"https://user:hunter2@music.example.com/hold.xml?key=hunter2", "'https://user:hunter2@music.example.com/'",
		`https:\\/\\/user:hunter2@music.example.com`, "HTTPS%3A%2F%2Fuser%3Ahunter2%40music.example.com%3Fkey%3Dhunter2",
	} {
		body := `{"code":21402,"message":"Invalid HoldUrl ` + echoed + ` in request"}`
		for how, text := range printed(failure(t, update(t.Context(), serve(t, reply(400, body))))) {
			if strings.Contains(text, "hunter2") {
				t.Errorf("%s: %s", how, text)
			}
		}
	}
}
