#!/usr/bin/env bash
# Run the curl calls of Ezra's README against a Lectern server; only the host differs.
#   scripts/ezra_curl.sh http://host:port USERNAME PASSWORD LINK
# The account must be an admin. The transcription is deleted at the end, and so is the user that the calls create.
set -euo pipefail
url=${1:-http://127.0.0.1:5001}
url=${url%/}
username=$2 password=$3 link=$4
source "$(dirname "$0")/curl_calls.sh"

call 401 'bool(a["msg"])' "POST /login, wrong password" -X POST "${json[@]}" -d "{\"username\": \"$username\", \"password\": \"wrong-one\"}" "$url/login"
call 200 'bool(a["access_token"]) and a["is_admin"] is True' "POST /login" \
  -X POST "${json[@]}" -d "{\"username\": \"$username\", \"password\": \"$password\"}" "$url/login"
auth=(-H "Authorization: Bearer $(evaluate 'a["access_token"]')")
call 401 'True' "GET /transcriptions, no token" "$url/transcriptions"
call 400 'bool(a["error"])' "POST /process, no link" "${auth[@]}" -X POST -F "start_time=0:01" "$url/process"
call 200 'a["message"] == "Transcription request is submitted"' "POST /process" "${auth[@]}" \
  -F "drive_link=$link" -F "start_time=00:00:00" -F "end_time=00:00:04" "$url/process"
id=$(evaluate 'a["transcription_id"]')
wait_until_ended() { # ID
  local status
  for _ in $(seq 600); do
    curl -sS -o "$response" "${auth[@]}" "$url/transcriptions"
    status=$(evaluate "[each['status'] for each in a if each['id'] == '$1'][0]")
    [ "$status" = completed ] || [ "$status" = error ] && break
    sleep 0.5
  done
}
wait_until_ended "$id"
call 200 "[each['status'] for each in a if each['id'] == '$id'] == ['completed']" "GET /transcriptions" "${auth[@]}" "$url/transcriptions"
for kind in txt md word docx; do
  call 200 file "GET /download/$kind/{id}" "${auth[@]}" "$url/download/$kind/$id"
done
call 200 'a["message"] == "Transcription request is submitted"' "POST /process, a link to nothing" "${auth[@]}" \
  -F "drive_link=${link%/*}/nothing-at-all" "$url/process"
failed=$(evaluate 'a["transcription_id"]')
wait_until_ended "$failed"
call 200 "[each['status'] for each in a if each['id'] == '$failed'] == ['error']" "GET /transcriptions, error" "${auth[@]}" "$url/transcriptions"
call 200 'bool(a["message"])' "DELETE /admin/transcriptions/{id}, error" "${auth[@]}" -X DELETE "$url/admin/transcriptions/$failed"
call 400 'bool(a["error"])' "GET /download/pages/{id}" "${auth[@]}" "$url/download/pages/$id"
call 404 'bool(a["error"])' "GET /download/txt/{unknown id}" "${auth[@]}" "$url/download/txt/00000000-0000-0000-0000-000000000000"

name="ezra-$$-$RANDOM"
call 201 'bool(a["message"])' "POST /admin/users" "${auth[@]}" "${json[@]}" \
  -d "{\"username\": \"$name\", \"password\": \"Correct-horse-$RANDOM$RANDOM\", \"isAdmin\": false}" "$url/admin/users"
call 200 "any(each['username'] == '$name' for each in a)" "GET /admin/users" "${auth[@]}" "$url/admin/users"
user=$(evaluate "[each['id'] for each in a if each['username'] == '$name'][0]")
call 200 'bool(a["message"])' "DELETE /admin/users/{id}" "${auth[@]}" -X DELETE "$url/admin/users/$user"
call 200 "any(each['id'] == '$id' and 'proofread_prompt' in each for each in a)" "GET /admin/transcriptions" "${auth[@]}" "$url/admin/transcriptions"
call 200 'isinstance(a, list)' "GET /admin/logs" "${auth[@]}" "$url/admin/logs"
for kind in transcribe proofread; do
  call 201 'bool(a["message"])' "POST /admin/$kind-prompts" "${auth[@]}" "${json[@]}" \
    -d "{\"version\": \"$name\", \"prompt\": \"Write numbers as digits.\"}" "$url/admin/$kind-prompts"
  call 200 "any(each['version'] == '$name' for each in a)" "GET /admin/$kind-prompts" "${auth[@]}" "$url/admin/$kind-prompts"
  prompt=$(evaluate "[each['id'] for each in a if each['version'] == '$name'][0]")
  call 200 'True' "POST /admin/settings/active-$kind-prompt" "${auth[@]}" "${json[@]}" \
    -d "{\"${kind}_prompt_id\": \"$prompt\"}" "$url/admin/settings/active-$kind-prompt"
  call 200 'True' "GET /admin/settings/active-$kind-prompt" "${auth[@]}" "$url/admin/settings/active-$kind-prompt"
  curl -sS -o /dev/null "${auth[@]}" -X POST "$url/admin/prompts/$prompt/deactivate"
done
call 200 'isinstance(a, list)' "GET /admin/settings" "${auth[@]}" "$url/admin/settings"
call 200 'bool(a["message"])' "DELETE /admin/transcriptions/{id}" "${auth[@]}" -X DELETE "$url/admin/transcriptions/$id"
echo "$passed calls, all as documented"
