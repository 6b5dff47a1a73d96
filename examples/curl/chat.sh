#!/bin/sh
# Asks, shows the answer as it comes, and reads its log again by the run's id: sh chat.sh "Which question?"
set -eu
url=${PENSTOCK_URL:-http://127.0.0.1:8000}
question=$(printf %s "${1:-show markdown}" | sed 's/["\\]/\\&/g')
head=$(mktemp)
trap 'rm -f "$head"' EXIT

curl --silent --show-error --fail-with-body --no-buffer --dump-header "$head" "$url/api/chat?wire=text" \
  --header 'Content-Type: application/json' \
  --data "{\"messages\": [{\"role\": \"user\", \"content\": \"$question\"}]}"

run=$(tr -d '\r' < "$head" | sed -n 's/^[Xx]-[Rr]un-[Ii]d: //p')
printf '\n\n%s\n' "What became of $run:"
curl --silent --show-error --fail-with-body "$url/api/runs/$run"
printf '\n%s\n' "Its last events:"
curl --silent --show-error --no-buffer "$url/api/runs/$run/events" | grep '^data: ' | tail -n 2
