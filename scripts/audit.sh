#!/usr/bin/env bash
# Look whether installed packages have known weaknesses. What could not be looked up is said, and is no failure.
set -u
said=$("$1/bin/pip-audit" --local --progress-spinner off --timeout 15 2>&1)
code=$?
unreachable='ConnectionError|ConnectionRefused|Max retries|NameResolution|ReadTimeout|ProxyError|ServiceError|HTTPError'
if [ $code -ne 0 ] && grep -qE "$unreachable" <<<"$said"; then
  echo "The advisories can't be reached from here: nothing was checked."
  tail -n 1 <<<"$said"
  exit 0
fi
skipped=$(grep -c 'could not be audited' <<<"$said")
all=$("$1/bin/pip" list --format=freeze 2>/dev/null | wc -l)
if [ $code -eq 0 ] && [ "$skipped" -ge "$all" ]; then
  echo "The advisories' server knows none of the $all installed packages: nothing was checked."
  exit 0
fi
grep -vE 'could not be audited|^Name +Skip Reason|^-+ -+$' <<<"$said"
[ "$skipped" -gt 0 ] && echo "Not checked, as the advisories' server does not know them: $skipped of $all packages."
exit $code
