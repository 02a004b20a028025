#!/usr/bin/env bash
# Check installed packages for known vulnerabilities. Packages that could not be checked are counted; they are no failure.
set -u
output=$("$1/bin/pip-audit" --local --progress-spinner off --timeout 15 2>&1)
code=$?
unreachable='ConnectionError|ConnectionRefused|Max retries|NameResolution|ReadTimeout|ProxyError|ServiceError|HTTPError'
if [ $code -ne 0 ] && grep -qE "$unreachable" <<<"$output"; then
  echo "The advisory database cannot be reached: nothing was checked."
  tail -n 1 <<<"$output"
  exit 0
fi
skipped=$(grep -c 'could not be audited' <<<"$output")
all=$("$1/bin/pip" list --format=freeze 2>/dev/null | wc -l)
if [ $code -eq 0 ] && [ "$skipped" -ge "$all" ]; then
  echo "The advisory database contains none of the $all installed packages: nothing was checked."
  exit 0
fi
grep -vE 'could not be audited|^Name +Skip Reason|^-+ -+$' <<<"$output"
[ "$skipped" -gt 0 ] && echo "Not in the advisory database, so not checked: $skipped of $all packages."
exit $code
