#!/usr/bin/env bash
# make smoke URL=http://host:port: run the documented curl calls against a Lectern server.
# TOKEN=... uses an existing account; without it one is registered, and deleted at the end, as is the recording.
set -euo pipefail
url=${1:-http://127.0.0.1:5001}
url=${url%/}
sample="$(cd "$(dirname "$0")/.." && pwd)/samples/tiny.mp4"
response=$(mktemp)
passed=0

# Delete what this run has made, also when it fails or is ended.
clean_up() {
  rm -f "$response"
  if [ -n "${registered:-}" ]; then
    curl -sS -o /dev/null "${auth[@]}" -X DELETE -H 'Content-Type: application/json' -d "{\"password\": \"$password\"}" "$url/api/v1/users/me" || true
  elif [ -n "${id:-}" ]; then
    curl -sS -o /dev/null "${auth[@]}" -X DELETE "$url/videos/$id" || true
  fi
}
trap clean_up EXIT
trap 'exit 143' TERM INT

field() { python3 -c 'import json,sys; 
with open(sys.argv[1]) as file: value=json.load(file)
for key in sys.argv[2].split("."): value=value[key]
print(value)' "$response" "$1"; }

# call EXPECTED_STATUS NAME curl-arguments...
call() {
  local expected=$1 name=$2 status
  shift 2
  status=$(curl -sS -o "$response" -w '%{http_code}' "$@") || status=000
  if [ "$status" != "$expected" ]; then
    printf 'FAIL  %-44s expected %s, got %s\n' "$name" "$expected" "$status"
    head -c 600 "$response"; echo
    exit 1
  fi
  printf 'ok    %-44s %s\n' "$name" "$status"
  passed=$((passed + 1))
}

call 200 "GET /health" "$url/health"
call 200 "GET / (API information)" -H 'Accept: application/json' "$url/"
call 200 "GET / (page)" -H 'Accept: text/html' "$url/"
call 200 "GET /openapi.json" "$url/openapi.json"
call 401 "GET /list without a token" "$url/list"
if [ -z "${TOKEN:-}" ]; then
  email="smoke-$(date +%s)-$$@example.org"
  password="smoke-$RANDOM-$RANDOM-$RANDOM"
  call 201 "POST /api/v1/auth/register" -H 'Content-Type: application/json' -d "{\"email\": \"$email\", \"password\": \"$password\"}" "$url/api/v1/auth/register"
  call 200 "POST /api/v1/auth/login" -H 'Content-Type: application/json' -d "{\"email\": \"$email\", \"password\": \"$password\"}" "$url/api/v1/auth/login"
  TOKEN=$(field access_token)
  auth=(-H "Authorization: Bearer $TOKEN")
  registered=yes
fi
auth=(-H "Authorization: Bearer $TOKEN")
call 200 "GET /auth/user" "${auth[@]}" "$url/auth/user"
call 400 "POST /upload without a file" "${auth[@]}" -X POST -F title=none "$url/upload"
call 200 "POST /upload" "${auth[@]}" -X POST -F "file=@$sample" "$url/upload"
id=$(field video_id)
call 200 "GET /list" "${auth[@]}" "$url/list"
state=in_queue
for _ in $(seq 1 300); do
  curl -sS -o "$response" "${auth[@]}" "$url/status/$id"
  state=$(field status)
  case $state in completed | failed | cancelled) break ;; esac
  sleep 1
done
call 200 "GET /status/$id" "${auth[@]}" "$url/status/$id"
if [ "$state" != completed ]; then echo "FAIL  the conversion is $state: $(field error)"; exit 1; fi
call 200 "GET /download/$id" "${auth[@]}" "$url/download/$id"
link=$(field download_url)
call 200 "GET its download_url without a header" "$link"
head -c 4 "$response" | grep -q '%PDF' || { echo "FAIL  the file is not a PDF"; exit 1; }
for format in pdf docx md txt srt vtt html json; do
  call 200 "GET /download/$format/$id" "${auth[@]}" "$url/download/$format/$id"
done
call 404 "GET /status of an unknown id" "${auth[@]}" "$url/status/00000000-0000-4000-8000-000000000000"
call 200 "DELETE /videos/$id" "${auth[@]}" -X DELETE "$url/videos/$id"
call 404 "GET /status after deleting" "${auth[@]}" "$url/status/$id"
id=
if [ -n "${registered:-}" ]; then
  call 200 "DELETE /api/v1/users/me" "${auth[@]}" -X DELETE -H 'Content-Type: application/json' -d "{\"password\": \"$password\"}" "$url/api/v1/users/me"
  registered=
fi
echo "$passed calls, all as documented."
