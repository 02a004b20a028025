#!/usr/bin/env bash
# Make the calls of iTube's README and of its client against a Lectern server, from the registration to a video in the public list.
#   scripts/itube_curl.sh http://host:port VIDEO.mp4 [SERVICE_TOKEN]
# With a SERVICE_TOKEN (scope `videos`) the calls of its transcoder are made too. The server must accept registrations.
set -euo pipefail
url=${1:-http://127.0.0.1:5001}
url=${url%/}
video=$(realpath "${2:-$(dirname "$0")/../samples/tiny.mp4}")
service_token=${3:-}
source "$(dirname "$0")/curl_calls.sh"
cookies=(-b cookies.txt)
email="itube-$$-$RANDOM@example.org"
password="SecurePass-$RANDOM$RANDOM"
videos="$url/api/v1/upload/videos"

call 201 'bool(a["message"])' "POST /auth/register" -X POST "${json[@]}" \
  -d "{\"name\": \"Test User\", \"email\": \"$email\", \"password\": \"$password\"}" "$url/api/v1/auth/register"
call 201 'bool(a["message"])' "POST /auth/signup" -X POST "${json[@]}" \
  -d "{\"name\": \"Test User\", \"email\": \"second-$email\", \"password\": \"$password\"}" "$url/api/v1/auth/signup"
call 400 'bool(a["error"])' "POST /auth/verify-email, a wrong code" -X POST "${json[@]}" -d "{\"email\": \"$email\", \"otp\": \"000000\"}" \
  "$url/api/v1/auth/verify-email"
call 200 'True' "POST /auth/login" -X POST "${json[@]}" -c cookies.txt -d "{\"email\": \"$email\", \"password\": \"$password\"}" \
  "$url/api/v1/auth/login"
call 200 "a['email'] == '$email'" "GET /auth/me" "${cookies[@]}" "$url/api/v1/auth/me"
call 200 'True' "POST /auth/refresh-token" -X POST "${cookies[@]}" -c cookies.txt "$url/api/v1/auth/refresh-token"
call 401 'bool(a["error"])' "POST .../upload-url, not signed in" -X POST "$videos/upload-url"
call 200 'a["media_id"].startswith("videos/")' "POST .../upload-url" -X POST "${json[@]}" "${cookies[@]}" "$videos/upload-url"
key=$(evaluate 'a["media_id"]')
address=$(evaluate 'a["url"]')
call 200 "" "PUT the video" -X PUT -H "Content-Type: video/mp4" --data-binary "@$video" "$address"
call 200 'a["media_id"].startswith("thumbnails/")' "POST .../thumbnail/upload-url" -X POST "${cookies[@]}" \
  "$videos/thumbnail/upload-url?associated_video_id=$key"
thumbnail=$(evaluate 'a["media_id"]')
address=$(evaluate 'a["url"]')
printf '\xff\xd8\xff\xe0thumbnail' > thumbnail.jpg
call 200 "" "PUT the thumbnail" -X PUT -H "Content-Type: image/jpg" --data-binary @thumbnail.jpg "$address"
call 200 'a["processing_status"] == "IN_PROGRESS" and a["description"] == ""' "POST .../metadata" -X POST "${json[@]}" "${cookies[@]}" \
  -d "{\"title\": \"My video\", \"description\": null, \"video_s3_key\": \"$key\", \"visibility\": \"public\"}" "$videos/metadata"
id=$(evaluate 'a["id"]')
if [ -n "$service_token" ]; then
  service=(-H "Authorization: Bearer $service_token")
  call 200 "a['video_id'] == '$id'" "GET .../by-key/{s3_key}" "${service[@]}" "$videos/by-key/$key"
fi
for _ in $(seq 1200); do
  curl -sS -o "$response" "${cookies[@]}" "$videos/$id"
  status=$(evaluate 'a["processing_status"]')
  [ "$status" = IN_PROGRESS ] || break
  sleep 0.5
done
call 200 "a['processing_status'] == 'COMPLETED' and a['video_s3_key'] == '$key'" "GET .../{video_id}" "${cookies[@]}" "$videos/$id"
call 200 "'$id' in [each['id'] for each in a]" "GET .../videos/" "${cookies[@]}" "$videos/"
call 200 "'$id' in [each['id'] for each in a]" "GET .../videos" "${cookies[@]}" "$videos"
call 200 file "GET {video_s3_key}/manifest.mpd" "${cookies[@]}" "$url/$key/manifest.mpd"
grep -q "<MPD" "$response"
call 200 file "GET the thumbnail" "${cookies[@]}" "$url/$thumbnail"
cmp -s "$response" thumbnail.jpg
if [ -n "$service_token" ]; then
  call 200 'a is None' "PATCH .../{video_id}/status" -X PATCH "${service[@]}" "$videos/$id/status?status=completed"
fi
call 200 'True' "POST /auth/logout" -X POST "${cookies[@]}" "$url/api/v1/auth/logout"
echo "$passed calls, all as documented"
