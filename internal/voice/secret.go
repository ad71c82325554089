package voice

import (
	"fmt"
	"log/slog"
	"net/url"
	"strings"
)

// redacted is what is shown in place of a Secret.
const redacted = "[redacted]"

// Secret is an API token. It prints as [redacted], whatever prints it.
type Secret string

// String implements fmt.Stringer.
func (Secret) String() string { return redacted }

// Format implements fmt.Formatter, for every verb.
func (Secret) Format(state fmt.State, _ rune) { fmt.Fprint(state, redacted) }

// MarshalText implements encoding.TextMarshaler.
func (Secret) MarshalText() ([]byte, error) { return []byte(redacted), nil }

// LogValue implements slog.LogValuer.
func (Secret) LogValue() slog.Value { return slog.StringValue(redacted) }

// Number is a telephone number or SIP address of a person. It prints as
// [redacted], whatever prints it; Reveal is for comparing it.
type Number string

// Reveal returns the number itself. It must not be kept, written or logged.
func (n Number) Reveal() string { return string(n) }

// String implements fmt.Stringer.
func (n Number) String() string { return Secret(n).String() }

// Format implements fmt.Formatter, for every verb.
func (n Number) Format(state fmt.State, verb rune) { Secret(n).Format(state, verb) }

// MarshalText implements encoding.TextMarshaler.
func (n Number) MarshalText() ([]byte, error) { return Secret(n).MarshalText() }

// LogValue implements slog.LogValuer.
func (n Number) LogValue() slog.Value { return Secret(n).LogValue() }

// redact removes the token from a text of the other side, in each form in which
// it is sent or could be echoed.
func (c *Client) redact(text string) string {
	token := string(c.token())
	forms := append(c.config.Dialect.secrets(c.config.AccountSID, c.token()), token, url.QueryEscape(token), url.PathEscape(token))
	for _, form := range forms {
		if form != "" {
			text = strings.ReplaceAll(text, form, redacted)
		}
	}
	return text
}
