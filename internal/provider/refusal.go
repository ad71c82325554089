package provider

import (
	"context"
	"errors"
	"net/http"
	"slices"

	"github.com/voiceops/conference-operator/internal/voice"
)

// refuses reports whether a response says that the provider does not do what it was
// asked for, and does not blame the credentials: a redirect, or a 4xx that asks for
// no patience. To a verification it says so of the whole account.
func refuses(failure *voice.Error) bool {
	if failure == nil || failure.Cause != "" || failure.Class == voice.ClassUnauthorized {
		return false
	}
	switch status := failure.HTTPStatus; status {
	case http.StatusRequestTimeout, http.StatusTooManyRequests:
		return false
	default:
		return status >= 300 && status < 500
	}
}

// doubtful reports whether a refusal may be about the whole account. What a
// conference or call that has ended, or a bad request, is answered with as well says so
// of a list alone.
func doubtful(failure *voice.Error) bool {
	if !refuses(failure) {
		return false
	}
	switch failure.HTTPStatus {
	case http.StatusBadRequest, http.StatusNotFound, http.StatusConflict, http.StatusGone, http.StatusUnprocessableEntity:
		return slices.Contains([]voice.Operation{voice.OpListParticipants, voice.OpListConferences, voice.OpListCalls}, failure.Operation)
	default:
		return true
	}
}

// forbidden reports whether the provider has an address that must not be dialled.
func forbidden(failure *voice.Error) bool {
	return failure != nil && failure.Cause == voice.CauseAddressNotAllowed
}

func throttled(err error) bool {
	failure, ok := errors.AsType[*voice.Error](err)
	return ok && failure.HTTPStatus == 429
}

func timedOut(err error) bool {
	var timeout interface{ Timeout() bool }
	return errors.Is(err, context.DeadlineExceeded) || errors.As(err, &timeout) && timeout.Timeout()
}

// flawed reports whether a response could not be read for one participant alone.
func flawed(err error) bool {
	failure := voice.AsError(err)
	return failure != nil && failure.Flaw != ""
}
