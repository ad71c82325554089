package voice

import (
	"encoding/base64"
	"fmt"
	"log/slog"
	"net/url"
	"strings"
)

// redacted is what is shown in place of a Secret.
const redacted = "[redacted]"

// Secret is an API token. However it is printed, it does not show.
type Secret string

// String implements fmt.Stringer.
func (Secret) String() string { return redacted }

// Format implements fmt.Formatter, for every verb.
func (Secret) Format(state fmt.State, _ rune) { fmt.Fprint(state, redacted) }

// MarshalText implements encoding.TextMarshaler.
func (Secret) MarshalText() ([]byte, error) { return []byte(redacted), nil }

// LogValue implements slog.LogValuer.
func (Secret) LogValue() slog.Value { return slog.StringValue(redacted) }

// redact removes a token, in each form in which it is sent or could be echoed,
// from somebody else's words.
func (c *Client) redact(text string) string {
	token := c.token()
	basic := base64.StdEncoding.EncodeToString([]byte(c.config.AccountSID + ":" + token))
	for _, form := range []string{basic, token, url.QueryEscape(token), url.PathEscape(token)} {
		if form != "" {
			text = strings.ReplaceAll(text, form, redacted)
		}
	}
	return text
}
