#!/bin/sh
# Checks that Go and a C compiler are there, then builds and runs tools/dev,
# the program behind the Makefile: scripts/dev.sh command [flags] [arguments].
set -eu
cd "$(dirname "$0")/.."

missing() {
	echo "gocloudpickle: $1" >&2
	exit 1
}

command -v go >/dev/null 2>&1 || missing "Go is missing: install Go 1.25 or later and put it on PATH"

# Inside tools/ an older go may switch itself to the version that go.mod asks
# for; where it can't, it fails, and the version it has is the one to name.
version=$(cd tools && go env GOVERSION 2>/dev/null) ||
	version=$(cd / && GOTOOLCHAIN=local go env GOVERSION 2>/dev/null) || version=unknown
minor=${version#go1.}
minor=${minor%%[!0-9]*}
[ "${minor:-0}" -ge 25 ] || missing "Go is too old: this is $version, and Go 1.25 or later is needed"

cc=${CC:-gcc}
command -v "${cc%% *}" >/dev/null 2>&1 ||
	missing "the C compiler ${cc%% *} is missing: install gcc (with the C library's headers), or set CC"

# GOARCH is for what dev builds, not for dev itself.
unset GOARCH GOOS
go build -C tools -trimpath -buildvcs=false -o ../build/dev ./dev
exec build/dev "$@"
