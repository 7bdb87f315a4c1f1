-- States what a value is now: the last arrival wins, and whatever is being loaded for the key will not be stored.
-- KEYS[1] entry   KEYS[2] lease   KEYS[3] index
-- ARGV[1] key   ARGV[2] format: enveloped | plain   ARGV[3] flags   ARGV[4] ttl in ms, 0 = forever
-- ARGV[5] tags, separated by NUL   ARGV[6] payload   ARGV[7] lifetime of the index in ms, 0 = no index
-- ARGV[8] when: always | absent   ARGV[9] when the server was started, in ms
-- Reply: Redis's time in ms, or nil when there was a fresh entry and "absent" was asked for.
-- @include clock
-- @include envelope
-- @include tags
-- @include index
-- @include lease
-- @include moving
-- @include sample
local entry, lease, index = KEYS[1], KEYS[2], KEYS[3]
local key, format, flags, ttl = ARGV[1], ARGV[2], tonumber(ARGV[3]), tonumber(ARGV[4])
local tags, payload, index_ttl, when, server_start = ARGV[5], ARGV[6], tonumber(ARGV[7]), ARGV[8], tonumber(ARGV[9])

local now = now_ms()
if when == 'absent' then
  local present = redis.call('GET', entry)
  if present and is_fresh(present, now, server_start) and holds_value(present) then return false end
end

-- Listed before it is stored: what is stored and not listed no invalidation would find.
local written = 0
if index_ttl > 0 then
  for tag in each_tag(tags_of(entry)) do
    redis.call('ZREM', index, index_member_of_tag(tag, key))
  end
  written = add_to_index(index, index_ttl, key, tags)
end
local value = format == 'enveloped' and envelope(flags, now, ttl, 0, tags) .. payload or payload
if ttl == 0 then
  redis.call('SET', entry, value)
else
  redis.call('SET', entry, value, 'PX', ttl)
end
end_lease(lease)
if written > 0 then
  sample(index, written, string.sub(entry, 1, #entry - #key), string.sub(lease, 1, #lease - #key))
end
return now
