#!/usr/bin/env bash
# Run Thakii's documented curl calls against a Lectern server; only the host differs.
#   scripts/thakii_curl.sh http://host:port [TOKEN]
# The server must accept the documented mock token: STATIC_BEARER_TOKEN=thakii-mock-prod-token STATIC_BEARER_IS_ADMIN=true
# (test installations only). Another TOKEN must belong to an admin.
set -euo pipefail
url=${1:-http://127.0.0.1:5001}
url=${url%/}
token=${2:-${TOKEN:-thakii-mock-prod-token}}
sample="$(cd "$(dirname "$0")/.." && pwd)/samples/tiny.mp4"
source "$(dirname "$0")/curl_calls.sh"
cp "$sample" video.mp4

# As documented under "API Testing" and "Mock Authentication".
call 200 'a["status"] == "healthy" and {"service", "database", "storage", "timestamp"} <= set(a)' "health" \
  "$url/health"
call 200 'bool(a["video_id"] and a["message"]) and a["s3_key"] == "videos/" + a["video_id"] + "/video.mp4"' "upload" \
  -X POST \
  -H "Authorization: Bearer $token" \
  -F "file=@video.mp4" \
  "$url/upload"
id=$(evaluate 'a["video_id"]')
call 200 "any(each['id'] == '$id' for each in a)" "admin/videos" \
  -H "Authorization: Bearer $token" \
  "$url/admin/videos"
export MOCK_TOKEN="$token"
call 200 'isinstance(a, list)' "admin/videos with the mock token" \
  -H "Authorization: Bearer $MOCK_TOKEN" \
  "$url/admin/videos"

# Listed under "API Endpoints", without an example.
auth=(-H "Authorization: Bearer $token")
call 200 'a["success"] and a["user"]["is_admin"]' "GET /auth/user" "${auth[@]}" "$url/auth/user"
call 200 "any(each['video_id'] == '$id' for each in a['videos'])" "GET /list" "${auth[@]}" "$url/list"
call 200 'a["status"] in ("in_queue", "processing", "completed")' "GET /status/{video_id}" "${auth[@]}" "$url/status/$id"
if [ "$(evaluate 'a["status"]')" = completed ]; then
  call 200 'bool(a["download_url"] and a["filename"])' "GET /download/{video_id}" "${auth[@]}" "$url/download/$id"
fi
call 200 '{"totalUsers", "totalVideos", "totalPDFs", "activeProcessing"} <= set(a)' "GET /admin/stats" "${auth[@]}" "$url/admin/stats"
call 200 'isinstance(a, list)' "GET /admin/servers" "${auth[@]}" "$url/admin/servers"
call 200 'a["result"]["success"] and bool(a["message"])' "POST /admin/test-notification" "${auth[@]}" \
  -H 'Content-Type: application/json' -d '{"type": "simple"}' "$url/admin/test-notification"
call 200 'bool(a["message"])' "DELETE /admin/videos/{video_id}" "${auth[@]}" -X DELETE "$url/admin/videos/$id"
call 404 'bool(a["error"])' "GET /status after deleting" "${auth[@]}" "$url/status/$id"
call 401 'bool(a["error"])' "GET /list without a token" "$url/list"
call 401 'bool(a["error"])' "POST /auth/exchange-token without a token" -X POST "$url/auth/exchange-token"
echo "$passed calls, all as documented."
