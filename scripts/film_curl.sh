#!/usr/bin/env bash
# Make the calls of AI Film Studio's README and of its client against a Lectern server, from the registration to a finished video.
#   scripts/film_curl.sh http://host:port [ADMIN_TOKEN]
# The server must accept registrations. With the token of an admin, the calls of the admin service are made too. `VIDEO=no` stops after the
# video has been requested. Payments and YouTube answer what the server has configured: their pages, or 409 with a hint.
set -euo pipefail
url=${1:-http://127.0.0.1:5001}
url=${url%/}
admin_token=${2:-}
sample=$(realpath "$(dirname "$0")/../samples/tiny.m4a")
source "$(dirname "$0")/curl_calls.sh"
api=$url/api/v1
email="film-$$-$RANDOM@example.org"
password="SecurePass-$RANDOM$RANDOM"
script="Leaves make sugar. They need light and water.\\n\\nWithout them there is no life on land."

# Accounts
call 201 'bool(a["access_token"] and a["token_type"] and a["user"]["email"])' "POST /auth/register" -X POST "${json[@]}" \
  -d "{\"email\": \"$email\", \"password\": \"$password\", \"name\": \"Test User\"}" "$api/auth/register"
call 200 '"credits" in a["user"] and bool(a["user"]["subscription_tier"])' "POST /auth/login, as a form" -X POST \
  --data-urlencode "username=$email" --data-urlencode "password=$password" "$api/auth/login"
auth=(-H "Authorization: Bearer $(evaluate 'a["access_token"]')")
user=$(evaluate 'a["user"]["id"]')
refresh=$(evaluate 'a["refresh_token"]')
call 200 "a['email'] == '$email' and 'credits' in a" "GET /auth/me" "${auth[@]}" "$api/auth/me"
call 401 'bool(a["detail"] and a["message"] and a["status_code"] == 401 and a["timestamp"])' "POST /auth/login, wrong password" -X POST \
  --data-urlencode "username=$email" -d password=wrong "$api/auth/login"
call 200 'bool(a["access_token"])' "POST /auth/refresh" -X POST "${json[@]}" -d "{\"refresh_token\": \"$refresh\"}" "$api/auth/refresh"
auth=(-H "Authorization: Bearer $(evaluate 'a["access_token"]')")
call 200 "a['email'] == '$email'" "GET /users/me" "${auth[@]}" "$api/users/me"
call 200 'a["first_name"] == "Ada"' "PUT /users/me" -X PUT "${auth[@]}" "${json[@]}" -d '{"first_name": "Ada"}' "$api/users/me"

# Projects: the README's fields, then the client's
call 201 'a["status"] == "draft" and bool(a["created_at"])' "POST /projects {name}" -X POST "${auth[@]}" "${json[@]}" \
  -d '{"name": "Roots", "description": "Below ground"}' "$api/projects"
empty=$(evaluate 'a["id"]')
call 201 'a["title"] == "Leaves" and a["status"] == "draft" and bool(a["createdAt"])' "POST /projects {title, script}" -X POST "${auth[@]}" \
  "${json[@]}" -d "{\"title\": \"Leaves\", \"script\": \"$script\", \"settings\": {\"duration\": \"30\", \"style\": \"cinematic\", \"mood\": \
\"dramatic\", \"resolution\": \"720p\"}, \"defaults\": {\"silent\": true}, \"metadata\": {\"youtubeReference\": \"https://youtu.be/x\"}}" \
  "$api/projects"
project=$(evaluate 'a["id"]')
call 200 "isinstance(a, list) and [each['id'] for each in a] == ['$project', '$empty']" "GET /projects" "${auth[@]}" "$api/projects"
call 200 'a["settings"]["style"] == "cinematic"' "GET /projects/{id}" "${auth[@]}" "$api/projects/$project"
call 200 'a["name"] == a["title"] == "Green leaves"' "PUT /projects/{id}" -X PUT "${auth[@]}" "${json[@]}" -d '{"title": "Green leaves"}' \
  "$api/projects/$project"
call 200 'True' "DELETE /projects/{id}" -X DELETE "${auth[@]}" "$api/projects/$empty"
call 404 'bool(a["detail"] and a["status_code"] == 404)' "GET /projects/{id}, deleted" "${auth[@]}" "$api/projects/$empty"
call 401 'bool(a["detail"])' "GET /projects, not signed in" "$api/projects"

# Files
printf '\x89PNG\r\n\x1a\n%s' picture > leaf.png
call 200 'a["type"] == "image" and bool(a["url"])' "POST /upload, a picture" -X POST "${auth[@]}" -F "file=@leaf.png" -F folder=thumbnails \
  "$api/upload"
call 200 file "GET the uploaded picture" "$(evaluate 'a["url"]')"
cmp -s "$response" leaf.png
call 200 'a["type"] == "recording" and bool(a["url"] and a["job_id"])' "POST /upload, a recording" -X POST "${auth[@]}" \
  -F "file=@$sample" -F "subtitles=@${sample%.m4a}.srt" -F formats=txt "$api/upload"
recording=$(evaluate 'a["recording_id"]')

# Jobs: the client's, then the README's
call 200 'bool(a["job_id"])' "POST /jobs/submit" -X POST "${auth[@]}" "${json[@]}" -d "{\"project_id\": \"$project\"}" "$api/jobs/submit"
job=$(evaluate 'a["job_id"]')
call 200 "a['job_id'] == '$job' and a['status'] in ('queued', 'processing', 'completed')" "GET /jobs/{id}/status" "${auth[@]}" \
  "$api/jobs/$job/status"
call 200 "a['project_id'] == '$project' and a['type'] == 'video_generation'" "GET /jobs/{id}" "${auth[@]}" "$api/jobs/$job"
call 200 "'$job' in [each['id'] for each in a['jobs']]" "GET /jobs" "${auth[@]}" "$api/jobs"
call 201 'a["type"] == "voice_synthesis" and bool(a["parameters"])' "POST /jobs, voice_synthesis" -X POST "${auth[@]}" "${json[@]}" \
  -d '{"type": "voice_synthesis", "parameters": {"text": "Leaves make sugar.", "language": "en"}}' "$api/jobs"
call 200 'a["status"] in ("cancelled", "processing", "completed", "failed")' "DELETE /jobs/{id}" -X DELETE "${auth[@]}" \
  "$api/jobs/$(evaluate 'a["id"]')"
call 201 'a["type"] == "podcast_video"' "POST /jobs, podcast_video" -X POST "${auth[@]}" "${json[@]}" \
  -d "{\"type\": \"podcast_video\", \"parameters\": {\"recording_id\": \"$recording\", \"height\": 720}}" "$api/jobs"
call 200 'bool(a["status"])' "POST /jobs/{id}/cancel" -X POST "${auth[@]}" "$api/jobs/$(evaluate 'a["id"]')/cancel"
for kind in lipsync_animation music_generation anything; do
  call 422 'bool(a["detail"] and a["message"])' "POST /jobs, $kind" -X POST "${auth[@]}" "${json[@]}" -d "{\"type\": \"$kind\"}" "$api/jobs"
done
call 410 'bool(a["hint"])' "GET /ws/jobs/{id}" "${auth[@]}" "$api/ws/jobs/$job"
if [ "${VIDEO:-yes}" = yes ]; then
  for _ in $(seq 1200); do
    curl -sS -o "$response" "${auth[@]}" "$api/jobs/$job/status"
    status=$(evaluate 'a["status"]')
    [ "$status" = queued ] || [ "$status" = processing ] || break
    sleep 0.5
  done
  call 200 'a["status"] == "completed" and a["progress"] == 100 and bool(a["result"]["video_url"])' "GET /jobs/{id}/status, completed" \
    "${auth[@]}" "$api/jobs/$job/status"
  call 200 'bool(a["downloadUrl"] and a["expiresIn"] > 0)' "GET /jobs/{id}/download" "${auth[@]}" "$api/jobs/$job/download"
  call 200 'a["status"] == "completed" and bool(a["completedAt"] and a["thumbnailUrl"])' "GET /projects/{id}, completed" "${auth[@]}" \
    "$api/projects/$project"
  thumbnail=$(evaluate 'a["thumbnailUrl"]')
  call 200 file "GET videoUrl, without a header" "$(evaluate 'a["videoUrl"]')"
  [ "$(head -c 8 "$response" | tail -c 4)" = ftyp ]
  call 200 file "GET thumbnailUrl, without a header" "$thumbnail"
fi

# Credits, subscriptions, YouTube: what they answer depends on the server's settings
call 200 '"balance" in a' "GET /credits/balance" "${auth[@]}" "$api/credits/balance"
call 200 'bool(a["plan"] and a["status"])' "GET /subscriptions/current" "${auth[@]}" "$api/subscriptions/current"
call 200 '"payments" in a' "GET /subscriptions/plans" "$api/subscriptions/plans"
if [ "$(evaluate 'a["payments"]')" = True ]; then checkout=200 webhook=400; else checkout=409 webhook=409; fi
plan=$(evaluate 'next((each["name"] for each in a["plans"] if each["can_be_bought"]), "pro")')
call $checkout 'bool(a.get("url") or a["hint"])' "POST /subscriptions/checkout" -X POST "${auth[@]}" "${json[@]}" -d "{\"plan\": \"$plan\"}" \
  "$api/subscriptions/checkout"
call $webhook 'bool(a["detail"])' "POST /subscriptions/webhook, unsigned" -X POST "${json[@]}" -d '{"type": "invoice.paid"}' \
  "$api/subscriptions/webhook"
call 200 '"is_configured" in a' "GET /youtube/accounts" "${auth[@]}" "$api/youtube/accounts"
if [ "$(evaluate 'a["is_configured"]')" = True ]; then oauth=200 callback=400; else oauth=409 callback=409; fi
call $oauth 'bool(a.get("url") or a["hint"])' "GET /youtube/oauth" "${auth[@]}" "$api/youtube/oauth"
call $callback 'bool(a["detail"])' "POST /youtube/callback, an unknown state" -X POST "${auth[@]}" "${json[@]}" \
  -d '{"code": "x", "state": "y"}' "$api/youtube/callback"
call 409 'bool(a["hint"])' "POST /youtube/upload, without a channel" -X POST "${auth[@]}" "${json[@]}" \
  -d "{\"recording_id\": \"$recording\"}" "$api/youtube/upload"

# Admin service
call 403 'bool(a["detail"])' "GET /admin/users, not an admin" "${auth[@]}" "$api/admin/users"
if [ -n "$admin_token" ]; then
  admin=(-H "Authorization: Bearer $admin_token")
  call 200 file "GET /admin/users" "${admin[@]}" "$api/admin/users"
  call 200 '"totalUsers" in a' "GET /admin/stats" "${admin[@]}" "$api/admin/stats"
  call 200 file "GET /metrics" "${admin[@]}" "$url/metrics"
fi

# Health, metrics and documentation
call 200 'bool(a["status"] and a["database"] and a["redis"] and a["timestamp"])' "GET /health" "$url/health"
call 200 'bool(a["status"] and a["version"])' "GET /api/v1/health" "$api/health"
call 200 'bool(a["name"])' "GET /api/v1/about" "$api/about"
for path in docs redoc openapi.json; do call 200 file "GET /$path" "$url/$path"; done
for path in docs redoc; do call 200 file "GET /api/$path" -L "$url/api/$path"; done
call 200 'True' "POST /auth/logout" -X POST "${auth[@]}" "$api/auth/logout"
call 401 'bool(a["detail"])' "GET /users/me, logged out" "${auth[@]}" "$api/users/me"
if [ -n "$admin_token" ]; then
  call 200 'a["user"]["status"] == "suspended"' "POST /admin/users/{id}/suspend" -X POST "${admin[@]}" "$api/admin/users/$user/suspend"
  call 403 'a["code"] == "account_suspended"' "POST /auth/login, suspended" -X POST \
    --data-urlencode "username=$email" --data-urlencode "password=$password" "$api/auth/login"
  call 200 'a["user"]["status"] == "active"' "POST /admin/users/{id}/unsuspend" -X POST "${admin[@]}" "$api/admin/users/$user/unsuspend"
fi
echo "$passed calls, all as documented"
