package voice

import (
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"
)

func TestClassOfAnAnswer(t *testing.T) {
	const coded = `{"code":%d,"message":"no","more_info":"https://example.com","status":400}`
	cases := []struct {
		status, code int
		want         Class
		permanent    bool
	}{
		{400, 0, ClassRefused, false},
		{400, 10000, ClassGone, false},
		{422, 10000, ClassGone, false},
		{422, 16002, ClassCoacheeMissing, false},
		{400, 16027, ClassCoacheeMissing, false},
		{422, 16028, ClassCoacheeMissing, false},
		{422, 13240, ClassCoacheeMissing, false},
		{422, 13221, ClassRefused, true},
		{400, 21402, ClassRefused, true},
		{422, 21456, ClassRefused, true},
		{422, 10001, ClassRefused, false},
		{400, 20010, ClassRefused, false},
		{422, 21717, ClassRefused, false},
		{400, 20003, ClassRefused, false},
		{401, 20003, ClassUnauthorized, false},
		{403, 16002, ClassUnauthorized, false},
		{404, 20404, ClassGone, false},
		{404, 21402, ClassGone, false},
		{410, 0, ClassGone, false},
		{405, 20004, ClassUnknownOutcome, false},
		{408, 0, ClassUnknownOutcome, false},
		{409, 10000, ClassUnknownOutcome, false},
		{429, 20429, ClassNotExecuted, false},
		{500, 20504, ClassUnknownOutcome, false},
		{502, 20404, ClassUnknownOutcome, false},
		{503, 20429, ClassUnknownOutcome, false},
		{304, 0, ClassUnknownOutcome, false},
	}
	for _, test := range cases {
		t.Run(fmt.Sprintf("%d with code %d", test.status, test.code), func(t *testing.T) {
			body := fmt.Sprintf(coded, test.code)
			if test.status == http.StatusNotModified {
				body = ""
			}
			failed := failure(t, update(t.Context(), serve(t, reply(test.status, body))))
			if failed.Class != test.want || failed.Permanent != test.permanent {
				t.Errorf("got %s, permanent %v; want %s, %v", failed.Class, failed.Permanent, test.want, test.permanent)
			}
			if failed.HTTPStatus != test.status || failed.Code != test.code || failed.Operation != OpUpdateParticipant {
				t.Errorf("got HTTP %d, code %d of %s", failed.HTTPStatus, failed.Code, failed.Operation)
			}
		})
	}
}

// The HTTP status decides the class, whatever shape the body has; code and
// message are found in each shape that has them.
func TestShapesOfAnErrorBody(t *testing.T) {
	shapes := []struct {
		name, body string
		code       int
		message    string
	}{
		{"flat", `{"code":20404,"message":"Not here.","status":404}`, 20404, "Not here."},
		{"code as a string", `{"code":"20404","message":"Not here.","status":404}`, 20404, "Not here."},
		{"another status in the body", `{"code":20404,"message":"Not here.","status":200}`, 20404, "Not here."},
		{"status as a string", `{"code":20404,"message":"Not here.","status":"404"}`, 20404, "Not here."},
		{"errors as objects", `{"errors":[{"code":"20404","message":"Not here."},{"code":1}]}`, 20404, "Not here."},
		{"errors as strings", `{"errors":["Not here.","Nor there."]}`, 0, "Not here."},
		{"errors with a detail", `{"errors":[{"code":"10011","title":"Gone","detail":"Not here."}]}`, 10011, "Not here."},
		{"errors beside a code", `{"code":20404,"message":"Nothing.","errors":["Not here."]}`, 20404, "Not here."},
		{"an error in an error", `{"code":1,"message":"Nothing.","errors":[{"code":20404,"message":"Not here."}]}`, 20404, "Not here."},
		{"errors as an object", `{"code":20404,"message":"Not here.","errors":{"sid":["is gone"]}}`, 20404, "Not here."},
		{"no errors", `{"code":20404,"message":"Not here.","errors":[]}`, 20404, "Not here."},
		{"errors of nothing", `{"errors":[null]}`, 0, ""},
		{"a message that is none", `{"code":20404,"message":{"sid":1}}`, 20404, ""},
		{"a code that is none", `{"code":{"a":1},"message":"Not here."}`, 0, "Not here."},
		{"a negative code", `{"code":-20404,"message":"Not here."}`, 0, "Not here."},
		{"a code beyond reason", `{"code":99999999999999999999,"message":"Not here."}`, 0, "Not here."},
		{"HTML", "<html><body>20404 Not here.</body></html>", 0, ""},
		{"truncated", `{"code":20404,"message":"Not he`, 0, ""},
		{"null", "null", 0, ""},
		{"a number", "20404", 0, ""},
		{"empty", "", 0, ""},
	}
	classes := map[int]Class{
		400: ClassRefused, 401: ClassUnauthorized, 403: ClassUnauthorized, 404: ClassGone, 422: ClassRefused,
		429: ClassNotExecuted, 500: ClassUnknownOutcome, 502: ClassUnknownOutcome, 503: ClassUnknownOutcome,
	}
	for _, shape := range shapes {
		t.Run(shape.name, func(t *testing.T) {
			for status, class := range classes {
				failed := failure(t, update(t.Context(), serve(t, reply(status, shape.body))))
				if failed.Class != class || failed.HTTPStatus != status {
					t.Errorf("HTTP %d: got %s, HTTP %d", status, failed.Class, failed.HTTPStatus)
				}
				if failed.Code != shape.code || failed.Message != shape.message {
					t.Errorf("HTTP %d: got code %d, message %q", status, failed.Code, failed.Message)
				}
			}
		})
	}
}

func TestAMessageIsOneShortLine(t *testing.T) {
	cases := []struct{ name, sent, want string }{
		{"lines", "\n a\nlevel=error\r\tb\x00c\u2028d \n", "a level=error  b c d"},
		{"long", strings.Repeat("x", 500), strings.Repeat("x", 200)},
		{"cut within a letter", strings.Repeat("x", 199) + "é", strings.Repeat("x", 199)},
	}
	for _, test := range cases {
		t.Run(test.name, func(t *testing.T) {
			failed := failure(t, update(t.Context(), serve(t, reply(400, fields{"message": test.sent}.json(nil)))))
			if failed.Message != test.want {
				t.Errorf("got %q, want %q", failed.Message, test.want)
			}
		})
	}
}

func TestR30AMessageHasNoNumber(t *testing.T) {
	for sent, want := range map[string]string{
		"To +15555550100 is invalid":                      "To [number] is invalid",
		"from=%2B15555550100&x":                           "from=[number]&x",
		"+1 (555) 555-0100, or 15555550100":               "[number], or [number]",
		"no route to sip:ann@pbx.example.com, tel:555123": "no route to [number], [number]",
		"code 21211, +1":                                  "code 21211, +1",
		"call 9b1f6a52-7d1e-4c7e-b1c9-3f1f5b8a2c31":       "call 9b1f6a52-7d1e-4c7e-b1c9-3f1f5b8a2c31",
	} {
		failed := failure(t, update(t.Context(), serve(t, reply(400, fields{"message": sent}.json(nil)))))
		if failed.Message != want {
			t.Errorf("%q became %q", sent, failed.Message)
		}
	}
}

func TestExplainNamesTheCodeAndItsMeaning(t *testing.T) {
	const meaning = "the URL is invalid"
	for want, failed := range map[string]*Error{
		"HTTP 422":                         {HTTPStatus: 422, Message: "anything"},
		"HTTP 400, code 99999":             {HTTPStatus: 400, Code: 99999, Message: "anything"},
		"HTTP 422, code 21402: " + meaning: {HTTPStatus: 422, Code: 21402, Meaning: meaning, Message: "anything"},
		"SignalWire can't change Beep":     {Class: ClassRefused, Meaning: "SignalWire can't change Beep"},
		"not_executed":                     {Class: ClassNotExecuted},
	} {
		if got := failed.Explain(); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}

func TestMeaningIsThatOfTheCode(t *testing.T) {
	for code, want := range map[int]string{21402: Describe(21402), 16002: Describe(16002), 99999: "", 0: ""} {
		failed := failure(t, update(t.Context(), serve(t, reply(422, fmt.Sprintf(`{"code":%d,"message":"no"}`, code)))))
		if failed.Meaning != want {
			t.Errorf("%d means %q, want %q", code, failed.Meaning, want)
		}
	}
}

func TestErrorSaysWhatIsKnown(t *testing.T) {
	cause := errors.New("reset")
	cases := []struct {
		failed *Error
		want   string
	}{
		{&Error{Operation: OpGetParticipant, Class: ClassGone}, "get_participant: gone"},
		{&Error{Operation: OpGetParticipant, Class: ClassGone, HTTPStatus: 404, Code: 20404, Message: "no"},
			"get_participant: gone, HTTP 404, code 20404, no"},
		{&Error{Operation: OpUpdateParticipant, Class: ClassUnknownOutcome, cause: cause, detail: "cut"}, "update_participant: unknown_outcome, cut"},
		{&Error{Operation: OpUpdateParticipant, Class: ClassRefused, Meaning: "no Beep"}, "update_participant: refused, no Beep"},
	}
	for _, test := range cases {
		if got := test.failed.Error(); got != test.want {
			t.Errorf("got %q, want %q", got, test.want)
		}
	}
	if !errors.Is(cases[2].failed, cause) || errors.Is(cases[0].failed, cause) {
		t.Error("the cause is not what is unwrapped")
	}
}

func TestClassOf(t *testing.T) {
	gone := &Error{Class: ClassGone}
	cases := []struct {
		err  error
		want Class
	}{
		{nil, ClassOK},
		{gone, ClassGone},
		{fmt.Errorf("read: %w", gone), ClassGone},
		{errors.Join(errors.New("other"), gone), ClassGone},
		{errors.New("other"), ClassUnknownOutcome},
	}
	for _, test := range cases {
		wantClass(t, test.err, test.want)
	}
}

func TestDescribe(t *testing.T) {
	documented := map[int]string{
		10000: "completed", 10001: "not enabled", 10004: "credentials", 13221: "GET or POST", 16002: "coach", 16027: "on hold",
		16028: "coach", 13240: "coach", 20003: "Voice", 20010: "disabled", 20404: "does not exist", 20429: "too many",
		21402: "URL", 21456: "URL", 21475: "completed",
	}
	for code := range 60_000 {
		got, word := Describe(code), documented[code]
		if (got == "") != (word == "") || !strings.Contains(got, word) {
			t.Errorf("%d is described as %q, want %q in it", code, got, word)
		}
	}
}
