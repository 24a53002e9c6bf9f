#!/usr/bin/env bash
# curl as a client of taglink: the arguments of a command come as JSON on standard input, its result goes as JSON to
# standard output. If the service refuses, that is the body of its answer, and the status is curl's.
set -euo pipefail
shopt -s inherit_errexit

input=$(cat)

argument() { # filter
  jq --raw-output "$1 // empty" <<<"$input"
}

url=$(argument .url)
curl=(curl --disable --silent --show-error --max-time 30)

post_form() { # name=value...
  local field form=()
  for field; do form+=(--data-urlencode "$field"); done
  "${curl[@]}" --fail-with-body "${form[@]}" "$url"
}

log_in() {
  local scope form=(grant_type=password "username=$(argument .username)" "password=$(argument .password)")
  scope=$(argument .scope)
  post_form "${form[@]}" ${scope:+"scope=$scope"}
}

refresh() {
  post_form grant_type=refresh_token "refresh_token=$(argument .tokens.refresh_token)"
}

revoke() {
  post_form "token=$(argument .tokens.refresh_token)"
}

# Prints the status of the answer and its body, be it good or bad.
call() {
  local body data=()
  body=$(argument .body)
  [[ -z $body ]] || data=(--header "Content-Type: application/json" --data "$body")
  printf '{"body":'
  "${curl[@]}" --request "$(argument .method)" --header "Authorization: Bearer $(argument .tokens.access_token)" \
    --write-out ',"status":%{http_code}}' "${data[@]}" "$url"
}

case $1 in
  log-in) log_in ;;
  refresh) refresh ;;
  revoke) revoke ;;
  call) call ;;
  *)
    echo "no such command: $1" >&2
    exit 2
    ;;
esac
