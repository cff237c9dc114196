# Makes facts.jsonl from https://www.caniemail.com/api/data.json:
#     curl -s https://www.caniemail.com/api/data.json | jq -c -f reduce.jq > facts.jsonl
def newest: to_entries | (if all(.key | test("^[0-9]{4}-[0-9]{2}$")) then sort_by(.key) else . end) | last | .value | ascii_downcase;
{date: .last_update_date[0:10], families: .nicenames.family, platforms: .nicenames.platform},
(.data[] | {slug, title, clients: (.stats | map_values(map_values(newest))),
  notes: ((.notes_by_num // {}) | with_entries(.value |= gsub("\\[(?<t>[^\\]]*)\\]\\([^)]*\\)"; .t)))})
