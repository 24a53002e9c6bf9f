#!/usr/bin/env bash
# tutorial-test.sh HOST[:PORT]
#
# The 37 requests of the tutorial's test script, in its order, each answer checked: status, media type, body.
# The service must hold no links and tags of the shared account; it holds none afterwards. The password of
# the user "apiuser" is taken from PASSWORD. The port is 8000 unless given. Needs curl and jq.
set -euo pipefail

die() {
  echo "tutorial-test.sh: $*" >&2
  exit 1
}

[[ $# -eq 1 && $1 != -* ]] || die "usage: PASSWORD=... tutorial-test.sh HOST[:PORT]"
[[ -n ${PASSWORD:-} ]] || die "PASSWORD is not set: it must hold the password of the user apiuser"
for tool in curl jq; do
  command -v "$tool" >/dev/null || die "$tool is not installed"
done

username=apiuser
password=$PASSWORD
unset PASSWORD # the programs started from here need not know it
base=http://$1
[[ $1 =~ ^(\[.*\]|[^:]*):[0-9]+$ ]] || base=http://$1:8000

token='' status='' type='' body=''

# call METHOD PATH [CURL-ARGUMENT...]: puts the answer into status, type and body. Secrets reach curl through
# file descriptors: its arguments can be read by every user of the machine.
call() {
  local answer
  answer=$(
    curl --silent --show-error --globoff --max-time 30 --request "$1" --header 'Accept: application/json' \
      --config <([[ -z $token ]] || printf 'header = "Authorization: Bearer %s"\n' "$token") \
      --write-out '\n%{content_type}\n%{http_code}' "${@:3}" "$base$2"
  ) || die "no answer from $base"
  status=${answer##*$'\n'} answer=${answer%$'\n'*}
  type=${answer##*$'\n'} body=${answer%$'\n'*}
}

# Whether the answer is what is expected: lists are equal, in order; an object may have more members. Three
# strings stand for a kind of value.
# shellcheck disable=SC2016 # the dollars are jq's
as_expected='
  def like($want):
    if $want == "<uuid>" then type == "string" and test("^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$"; "i")
    elif $want == "<text>" then type == "string" and length > 0
    elif $want == "<naive time>" then
      type == "string" and test("^\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d\\.\\d{6}$")
    elif $want | type == "object" then
      type == "object"
      and (. as $got | all($want | keys[]; . as $k | $got | has($k) and (.[$k] | like($want[$k]))))
    elif $want | type == "array" then
      type == "array" and length == ($want | length)
      and (. as $got | all(range($want | length); . as $i | $got[$i] | like($want[$i])))
    else . == $want end;
  like($expected)'

number=0 failed=0

# expect STATUS BODY: compares the last answer; says nothing when it is right.
expect() {
  local media_type=application/json
  [[ $1 == 200 ]] || media_type=application/problem+json
  [[ $status == "$1" && ${type%%;*} == "$media_type" ]] &&
    jq --exit-status --argjson expected "$2" "$as_expected" <<<"$body" >/dev/null 2>&1
}

# check DESCRIPTION STATUS BODY: one line about the last answer.
check() {
  number=$((number + 1))
  if expect "$2" "$3"; then
    printf '%2d ok   %s\n' "$number" "$1"
  else
    failed=$((failed + 1))
    printf '%2d FAIL %s\n' "$number" "$1"
    printf '        expected %s %s\n' "$2" "$(jq -cS . <<<"$3")"
    printf '        got      %s %s ' "$status" "$type"
    jq -cS . 2>/dev/null <<<"$body" || echo "$body"
  fi
}

# get|delete PATH STATUS BODY; post PATH JSON STATUS BODY
get() {
  call GET "$1"
  check "GET $1" "$2" "$3"
}
delete() {
  call DELETE "$1"
  check "DELETE $1" "$2" "$3"
}
post() {
  call POST "$1" --header 'Content-Type: application/json' --data-raw "$2"
  check "POST $1 $2" "$3" "$4"
}

# log_in PASSWORD DESCRIPTION STATUS BODY: the form as the tutorial sends it, with its empty fields.
log_in() {
  call POST /token/ --data "grant_type=&scope=&client_id=&client_secret=&username=$username" \
    --data-urlencode password@<(printf %s "$1")
  check "POST /token/ username=$username $2" "$3" "$4"
}

# A member of the last answer; if it has none, a word that is no id, so that the story goes on.
member() { jq --raw-output "$1 // empty" 2>/dev/null <<<"$body" | grep . || echo missing; }

problem() { # STATUS DETAIL [MEMBERS]
  jq -cn --argjson status "$1" --arg detail "$2" --argjson more "${3:-{\}}" \
    '{$status, $detail, type: "<text>", title: "<text>", code: "<text>", request_id: "<text>"} + $more'
}
link() { printf '{"link_id":"%s","link":"%s"}' "$1" "$2"; }
tag() { printf '{"tag_id":"%s","tag":"%s"}' "$1" "$2"; }
pair() { printf '{"tag_id":"%s","link_id":"%s"}' "$1" "$2"; }
list() {
  local IFS=,
  echo "[$*]"
}

# nothing_stored WHEN: not one of the 37. Without it, somebody's own tag "test1" would be deleted.
nothing_stored() {
  local path
  for path in /link/ /tag/ /taglink/; do
    call GET "$path"
    expect 200 '[]' || die "GET $path is not an empty list $1: $status $body"
  done
}

url1=https://www.test1.com url2=https://www.test2.com url3=https://www.test3.com

get '/tag/?tag=test1' 401 "$(problem 401 'Not authenticated')"
log_in blah '(wrong password)' 401 \
  "$(problem 401 'Incorrect username or password' '{"error":"invalid_grant","error_description":"<text>"}')"
log_in "$password" '(password)' 200 \
  '{"access_token":"<text>","token_type":"bearer","expires":"<naive time>"}'
token=$(member .access_token)
[[ $token == missing ]] || nothing_stored "at the start"

post /link/ "{\"link\":\"$url1\",\"tag\":\"test1\"}" 200 "$(link '<uuid>' "$url1")"
link1=$(member .link_id)
get '/tag/?tag=test1' 200 "$(list "$(tag '<uuid>' test1)")"
tag1=$(member '.[0].tag_id')
post /tag/ '{"tag":"test2"}' 200 "$(tag '<uuid>' test2)"
tag2=$(member .tag_id)
post /tag/ '{"tag":"test3"}' 200 "$(tag '<uuid>' test3)"
tag3=$(member .tag_id)
post /link/ "{\"link\":\"$url2\",\"tag\":\"test2\"}" 200 "$(link '<uuid>' "$url2")"
link2=$(member .link_id)
post /link/ "{\"link\":\"$url2\",\"tag_id\":\"$tag1\"}" 200 "$(link "$link2" "$url2")"
post /link/ "{\"link\":\"$url3\",\"tag_id\":\"$tag3\"}" 200 "$(link '<uuid>' "$url3")"
link3=$(member .link_id)
post /link/ "{\"link\":\"$url2\",\"tag_id\":\"invalid\"}" 404 \
  "$(problem 404 'Tag with tag_id invalid not found')"

both=$(list "$(link "$link1" "$url1")" "$(link "$link2" "$url2")")
get /link/ 200 "$(list "$(link "$link1" "$url1")" "$(link "$link2" "$url2")" "$(link "$link3" "$url3")")"
get "/link/?tag_id=$tag1" 200 "$both"
get '/link/?tag=test1' 200 "$both"
get "/link/$link1" 200 "$(link "$link1" "$url1")"
get "/tag/$tag1" 200 "$(tag "$tag1" test1)"
get /tag/ 200 "$(list "$(tag "$tag1" test1)" "$(tag "$tag2" test2)" "$(tag "$tag3" test3)")"

post /taglink/ "$(pair "$tag2" "$link1")" 200 "$(pair "$tag2" "$link1")"
post /taglink/ "$(pair "$tag2" "$link3")" 200 "$(pair "$tag2" "$link3")"
post /taglink/ "$(pair invalid "$link1")" 422 "$(problem 422 'Tag with tag_id invalid not found')"
post /taglink/ "$(pair "$tag1" invalid)" 422 "$(problem 422 'Link with link_id invalid not found')"
post /taglink/ "$(pair "$tag1" "$link1")" 409 \
  "$(problem 409 "TagLink with tag_id $tag1 and link_id $link1 exists")"

get /taglink/ 200 "$(list \
  "$(pair "$tag1" "$link1")" "$(pair "$tag1" "$link2")" "$(pair "$tag2" "$link1")" \
  "$(pair "$tag2" "$link2")" "$(pair "$tag2" "$link3")" "$(pair "$tag3" "$link3")")"
get "/taglink/?link_id=$link1" 200 "$(list "$(pair "$tag1" "$link1")" "$(pair "$tag2" "$link1")")"
get "/taglink/?tag_id=$tag1" 200 "$(list "$(pair "$tag1" "$link1")" "$(pair "$tag1" "$link2")")"
get "/taglink/?tag_id=$tag1&link_id=$link1" 200 "$(list "$(pair "$tag1" "$link1")")"

delete /taglink/ 422 "$(problem 422 'One or both of tag_id or link_id must be specified')"
delete "/taglink/?tag_id=$tag3" 200 '"OK"'
delete "/taglink/?link_id=$link3" 200 '"OK"'
delete "/tag/$tag1" 200 '"OK"'
delete "/link/$link1" 200 '"OK"'
delete "/tag/$tag2" 200 '"OK"'
delete "/link/$link2" 200 '"OK"'
delete "/tag/$tag3" 200 '"OK"'
delete "/link/$link3" 200 '"OK"'
delete /tag/blah 404 "$(problem 404 'Tag with tag_id blah not found')"
delete /link/blah 404 "$(problem 404 'Link with link_id blah not found')"

if [[ $failed -gt 0 ]]; then
  echo "$failed of $number answers are not as expected"
  exit 1
fi
nothing_stored "at the end"
echo "all $number answers are as expected"
