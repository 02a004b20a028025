#!/usr/bin/env bash
# Make the calls of Manimate's three documented examples against a Lectern server: scripts of a topic, an update, and a video.
#   scripts/manimate_curl.sh http://host:port [TOKEN] [TEXT]
# Without a TOKEN the server must run with OPEN_MODE. The default text is notes, so no language model is needed.
# `VIDEO=no` stops after the video has been requested.
set -euo pipefail
url=${1:-http://127.0.0.1:5001}
url=${url%/}
auth=()
if [ -n "${2:-}" ]; then auth=(-H "Authorization: Bearer $2"); fi
text=${3:-$'# Leaves\\n\\nPhotosynthesis is the process by which plants turn light into sugar. It happens in leaves.\\n\\n- Light\\n- Water'}
source "$(dirname "$0")/curl_calls.sh"

call 200 'bool(a["success"] and a["message"])' "GET /health" "$url/health"
call 200 'bool(a["name"] and a["status"] == "running" and a["endpoints"])' "GET /" "$url/"
call 400 'bool(a["success"] is False and a["message"] == "Text, UID, and ChatID are required")' "POST /submit without fields" \
  -X POST "${auth[@]}" "${json[@]}" -d '{}' "$url/submit"
call 200 'bool(a["success"] and len(a["tokens"]) == len(a["scripts"]) == 3 and a["chatID"] == "chat456")' "POST /submit" \
  -X POST "${auth[@]}" "${json[@]}" -d "{\"text\": \"$text\", \"uid\": \"user123\", \"chatID\": \"chat456\"}" "$url/submit"
token=$(evaluate 'a["tokens"][0]')
call 200 'bool(a["title"] and a["scenes"][0]["seq"] == 1)' "GET /api/script/{token}" "${auth[@]}" "$url/api/script/$token"
call 200 "bool(a['success'] and a['token'] == '$token' and a['script']['title'] == 'Updated Title')" "POST /update_script/{token}" \
  -X POST "${auth[@]}" "${json[@]}" -d '{"script": {"title": "Updated Title", "scenes": [{"seq": 1, "text": "Welcome."}]}, "chatID": "chat456"}' \
  "$url/update_script/$token"
call 200 'bool(a["script"]["scenes"][0]["text"] == "Welcome." and a["message"])' "POST /api/script/{token}" \
  -X POST "${auth[@]}" "${json[@]}" -d '{"title": "Updated Title"}' "$url/api/script/$token"
call 200 'bool(isinstance(a["valid"], bool))' "POST /api/validate_config" -X POST "${auth[@]}" "$url/api/validate_config"
call 200 'bool(a["success"] and a["status"] == "pending" and a["job_id"])' "POST /confirm_script/{token}" -X POST "${auth[@]}" "${json[@]}" \
  -d '{"chatID": "chat456", "config": {"quality": "low", "tts_provider": "mock"}}' "$url/confirm_script/$token"
job=$(evaluate 'a["job_id"]')
call 200 "bool(a['success'] and '$job' in [each['job_id'] for each in a['jobs']])" "GET /generation_jobs" "${auth[@]}" "$url/generation_jobs?limit=50"
call 200 "bool(a['total'] >= 1)" "GET /api/jobs" "${auth[@]}" "$url/api/jobs"
if [ "${VIDEO:-yes}" = yes ]; then
  for _ in $(seq 1200); do
    curl -sS -o "$response" "${auth[@]}" "$url/generation_status/$job"
    status=$(evaluate 'a["job_status"]["status"]')
    [ "$status" = pending ] || [ "$status" = running ] || break
    sleep 0.5
  done
  call 200 'bool(a["job_status"]["status"] == "completed" and a["job_status"]["result"]["success"])' "GET /generation_status/{job_id}" \
    "${auth[@]}" "$url/generation_status/$job"
  name=$(evaluate 'a["job_status"]["result"]["video"]')
  call 200 "bool(a['success'] and '$name' in [each['name'] for each in a['videos']])" "GET /videos" "${auth[@]}" "$url/videos"
  call 200 'bool(a["video"]["exists"] and a["video"]["size"] > 0)' "GET /video-info/{name}" "${auth[@]}" "$url/video-info/$name"
  call 206 file "GET /stream/{name}, a range" -H "Range: bytes=0-99" "${auth[@]}" "$url/stream/$name"
  call 200 file "GET /download/{name}" "${auth[@]}" "$url/download/$name"
fi
call 200 'bool(a["success"])' "DELETE /generation_job/{job_id}" -X DELETE "${auth[@]}" "$url/generation_job/$job"
call 404 'bool(a["success"] is False)' "GET /generation_status of a deleted job" "${auth[@]}" "$url/generation_status/$job"
echo "$passed calls, all as documented"
