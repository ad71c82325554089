package voicesim

import (
	"bytes"
	"context"
	"encoding/json"
	"maps"
	"net/http"
)

const (
	typeJSON = "application/json; charset=utf-8"
	typeHTML = "text/html; charset=utf-8"
)

const (
	htmlPage    = "<html><head><title>Bad Gateway</title></head><body><h1>Bad Gateway</h1></body></html>\n"
	wrongObject = `{"service":"voice","version":"2010-04-01","healthy":true}`
)

// reply is a response without a shape: a value or a failure.
type reply struct {
	status  int
	value   any
	failure *failure
	header  http.Header
}

func failed(f *failure) reply { return reply{status: f.status, failure: f} }

func found(value any) reply { return reply{status: http.StatusOK, value: value} }

// send writes the reply in the shape of a fault.
func (r reply) send(ctx context.Context, w http.ResponseWriter, f Fault) {
	h := w.Header()
	h.Set("Content-Type", typeJSON)
	if f.Shape == ShapeHTML && f.Body == "" {
		h.Set("Content-Type", typeHTML)
	}
	h.Set("X-Request-Id", newUUID())
	maps.Copy(h, r.header)
	for name, values := range f.Header {
		h[http.CanonicalHeaderKey(name)] = values
	}
	body := r.body(f)
	if len(body) == 0 {
		h.Del("Content-Type")
	}
	w.WriteHeader(r.status)
	if r.status == http.StatusNoContent || r.status == http.StatusNotModified {
		return
	}
	_, err := w.Write(body)
	for err == nil && f.Shape == ShapeEndless && ctx.Err() == nil {
		_, err = w.Write(body)
	}
}

func (r reply) body(f Fault) []byte {
	switch {
	case f.Body != "":
		return []byte(f.Body)
	case f.Shape == ShapeHTML:
		return []byte(htmlPage)
	case f.Shape == ShapeEmpty:
		return nil
	case f.Shape == ShapeWrongObject:
		return []byte(wrongObject)
	case f.Shape == ShapeEndless:
		return []byte(`{"participants": [{"call_sid": "` + newUUID())
	}
	body := f.reshape(r.natural(f.Shape))
	if f.Shape == ShapeTruncated {
		return body[:len(body)/2]
	}
	return body
}

func (r reply) natural(shape string) []byte {
	if r.failure != nil {
		return mustJSON(r.failure.body(shape))
	}
	if r.value == nil {
		return nil
	}
	return mustJSON(r.value)
}

// mustJSON encodes a value of this package, which can't fail. It does not escape
// URLs, so that they can be copied.
func mustJSON(value any) []byte {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(value); err != nil {
		panic("voicesim: " + err.Error())
	}
	return b.Bytes()
}
